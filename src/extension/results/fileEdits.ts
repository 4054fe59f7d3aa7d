import { Emitter } from "vscode-jsonrpc";
import type { EditData, SavedEditData } from "../../protocol/edit.ts";
import type { EditFile } from "../../protocol/editFile.ts";

/** An edit of a `.romedit` file that was switched on at least once: from then on it stands among the live edits. */
export interface FileEdit {
  id: string;
  name: string;
  from: string;
  to: string;
  layer: number;
  /** Path it was read from. */
  file: string;
  /** Members of a batch were solved together and are switched together. */
  batch: string | undefined;
  model: { name: string; fingerprint: string };
  edit: EditData;
}

/** The live edits that come from files. They are read again with their file and forgotten with the window. */
export class FileEdits {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #edits: readonly FileEdit[] = [];

  get all(): readonly FileEdit[] {
    return this.#edits;
  }

  add(...edits: FileEdit[]): void {
    const ids = new Set(edits.map(({ id }) => id));
    this.#edits = [...edits, ...this.#edits.filter(({ id }) => !ids.has(id))];
    this.#changed.fire();
  }

  /** The file was read again: edits take their new vectors, and those that are gone from it leave. */
  refresh(file: string, edits: readonly FileEdit[]): void {
    if (!this.#edits.some((edit) => edit.file === file)) return;
    const now = new Map(edits.map((edit) => [edit.id, edit]));
    this.#edits = this.#edits.flatMap((edit) => (edit.file === file ? (now.get(edit.id) ?? []) : edit));
    this.#changed.fire();
  }

  remove(id: string): void {
    this.#edits = this.#edits.filter((edit) => edit.id !== id);
    this.#changed.fire();
  }
}

/** The edits of a file as live edits; no two edits of a file have one name, so the names tell them apart. */
export function toFileEdits(path: string, { model: { name, fingerprint }, edits }: EditFile): FileEdit[] {
  return edits.map(({ entry, edit }: SavedEditData) => ({
    id: `${path}#${entry.name}`,
    name: entry.name,
    from: firstWord(entry.before.completion),
    to: entry.target.trim(),
    layer: entry.layer,
    file: path,
    batch: entry.method === "batch" ? `${path}#${entry.layer}` : undefined,
    model: { name, fingerprint },
    edit,
  }));
}

function firstWord(text: string): string {
  return /[\p{L}\p{N}]+/u.exec(text)?.[0] ?? "…";
}
