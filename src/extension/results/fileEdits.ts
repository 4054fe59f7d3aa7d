import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { Emitter } from "vscode-jsonrpc";
import { edit } from "../../protocol/edit.ts";
import type { EditFile } from "../../protocol/editFile.ts";
import { answersOf } from "../../text/words.ts";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";

/** An edit of a `.romedit` file that was switched on at least once: from then on it stands among the live edits. */
const fileEdit = v.object({
  id: v.string(),
  name: v.string(),
  from: v.string(),
  to: v.string(),
  layer: v.number(),
  /** Path it was read from. */
  file: v.string(),
  /** Members of a batch were solved together and are switched together. */
  batch: v.optional(v.string()),
  model: v.object({ name: v.string(), fingerprint: v.string() }),
  edit,
});
export type FileEdit = v.InferOutput<typeof fileEdit>;

/** The edits of one file as they are kept for the next window, and the time at which the file was written. */
const kept = v.object({ file: v.string(), written: v.number(), edits: v.array(fileEdit) });

/** The live edits that come from files: read again with their file, kept for the next window. */
export class FileEdits {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #edits: readonly FileEdit[] = [];
  #writes: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly log: Log,
  ) {}

  get all(): readonly FileEdit[] {
    return this.#edits;
  }

  /**
   * Brings back what the last window had.
   *
   * @returns the files that have changed since and are to be read again
   */
  async load(): Promise<string[]> {
    const files = await readdir(this.folder).catch(() => []);
    const changed: string[] = [];
    for (const name of files.filter((file) => file.endsWith(".json"))) {
      try {
        const { file, written, edits } = v.parse(kept, JSON.parse(await readFile(join(this.folder, name), "utf8")));
        const now = await writtenAt(file);
        if (now === undefined) await rm(join(this.folder, name), { force: true });
        else {
          this.#edits = [...this.#edits, ...edits.filter(({ id }) => !this.#edits.some((known) => known.id === id))];
          if (now !== written) changed.push(file);
        }
      } catch (error) {
        this.log.warn(`Edits of a file (${name}) cannot be read and are left out: ${messageOf(error)}`);
      }
    }
    this.#changed.fire();
    return changed;
  }

  add(...edits: FileEdit[]): void {
    const ids = new Set(edits.map(({ id }) => id));
    this.#set([...edits, ...this.#edits.filter(({ id }) => !ids.has(id))], ...edits.map(({ file }) => file));
  }

  /** The file was read again: edits take their new vectors, and those that are gone from it leave. */
  refresh(file: string, edits: readonly FileEdit[]): void {
    if (!this.#edits.some((edit) => edit.file === file)) return;
    const now = new Map(edits.map((edit) => [edit.id, edit]));
    this.#set(
      this.#edits.flatMap((edit) => (edit.file === file ? (now.get(edit.id) ?? []) : edit)),
      file,
    );
  }

  remove(id: string): void {
    const file = this.#edits.find((edit) => edit.id === id)?.file;
    this.#set(
      this.#edits.filter((edit) => edit.id !== id),
      ...(file === undefined ? [] : [file]),
    );
  }

  /** Resolves when everything so far is on disk. */
  async settled(): Promise<void> {
    await this.#writes;
  }

  #set(edits: readonly FileEdit[], ...files: string[]): void {
    this.#edits = edits;
    for (const file of new Set(files)) this.#keep(file);
    this.#changed.fire();
  }

  /** One file operation after the other, each with the edits as they are by then. */
  #keep(file: string): void {
    const path = join(this.folder, `${createHash("sha256").update(file).digest("hex").slice(0, 16)}.json`);
    const operation = async () => {
      const edits = this.#edits.filter((edit) => edit.file === file);
      const written = await writtenAt(file);
      if (edits.length === 0 || written === undefined) return rm(path, { force: true });
      await mkdir(this.folder, { recursive: true });
      await writeFile(`${path}.part`, JSON.stringify({ file, written, edits }));
      await rename(`${path}.part`, path);
    };
    this.#writes = this.#writes.then(operation).catch((error: unknown) => {
      this.log.error(`The edits of ${file} could not be kept: ${messageOf(error)}`);
    });
  }
}

/** When a file was last written, in milliseconds; undefined where there is none. */
async function writtenAt(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** The edits of a file as live edits; no two edits of a file have one name, so the names tell them apart. */
export function toFileEdits(path: string, { model: { name, fingerprint }, edits }: EditFile): FileEdit[] {
  return edits.map(({ entry, edit }) => ({
    id: `${path}#${entry.name}`,
    name: entry.name,
    ...answersOf(entry),
    layer: entry.layer,
    file: path,
    ...(!("kind" in entry) && entry.method === "batch" && { batch: `${path}#${entry.layer}` }),
    model: { name, fingerprint },
    edit,
  }));
}
