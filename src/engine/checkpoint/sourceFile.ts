import { type FileHandle, open, stat } from "node:fs/promises";
import * as v from "valibot";
import { type Reason, RomeError } from "../../protocol/errors.ts";
import { issueText } from "../../text/schemaIssue.ts";

/** What to do about a damaged file, by the kind of error it is. */
const advice: Partial<Record<Reason, string>> = {
  checkpoint: "Download or copy the checkpoint again.",
  tokenizer: "Copy the tokenizer's files from the model's source again.",
  data: "Have it made again, or restore it from a copy.",
};

const causes: Record<string, string> = {
  ENOENT: "does not exist; check the path",
  ENOTDIR: "does not exist; check the path",
  EACCES: "may not be read with your user's rights",
  EPERM: "may not be read with your user's rights",
  ELOOP: "is a link that leads to itself",
  EMFILE: "cannot be opened, because too many files are open",
  ENAMETOOLONG: "has too long a name",
};

/** Says why the system refused a path, as an error of the given reason. */
export function unreadable(path: string, reason: Reason, cause: unknown): RomeError {
  if (RomeError.is(cause)) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown error";
  return new RomeError(reason, `${path} ${causes[code] ?? `cannot be read (${code})`}.`, { cause });
}

/** A file that is read at positions, never whole: its size may be far beyond the memory. */
export class SourceFile {
  private constructor(
    readonly path: string,
    readonly reason: Reason,
    /** Bytes. */
    readonly size: number,
    readonly handle: FileHandle,
  ) {}

  /** Opens the file for `use` and closes it afterwards. Every failure to read is a RomeError of `reason`. */
  static async use<T>(path: string, reason: Reason, use: (file: SourceFile) => Promise<T>): Promise<T> {
    let handle: FileHandle;
    let size: number;
    try {
      // Looked at before it is opened: opening a named pipe would wait for a writer.
      const seen = await stat(path);
      if (!seen.isFile()) throw new RomeError(reason, `${path} is not a file.`);
      handle = await open(path, "r");
      size = (await handle.stat()).size;
    } catch (error) {
      throw unreadable(path, reason, error);
    }
    try {
      const file = new SourceFile(path, reason, size, handle);
      await file.#refusePointer();
      return await use(file);
    } finally {
      await handle.close();
    }
  }

  /** The bytes at [offset, offset + length); a RomeError where the file ends before. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw this.damaged(`it ends at byte ${this.size}, but bytes up to ${offset + length} were expected`);
    }
    const bytes = Buffer.allocUnsafe(length);
    await this.readInto(bytes, offset);
    return bytes;
  }

  /** Fills `target` with the bytes from `offset` on. */
  async readInto(target: Uint8Array, offset: number): Promise<void> {
    let done = 0;
    while (done < target.length) {
      const part = target.subarray(done, done + 2 ** 24);
      let read: number;
      try {
        ({ bytesRead: read } = await this.handle.read(part, 0, part.length, offset + done));
      } catch (error) {
        throw unreadable(this.path, this.reason, error);
      }
      if (read === 0) throw this.damaged("it became shorter while it was read");
      done += read;
    }
  }

  /** A Git LFS pointer is a few lines of text in place of any large file. */
  async #refusePointer(): Promise<void> {
    const begins = "version https://git-lfs.github.com/spec/";
    if (this.size < begins.length || this.size > 1024) return;
    if ((await this.read(0, begins.length)).toString("latin1") !== begins) return;
    throw new RomeError(
      this.reason,
      `${this.path} is only a Git LFS pointer to the file. Run \`git lfs pull\` in its folder to fetch what it stands for.`,
    );
  }

  /** The error for contents that are not what they must be. */
  damaged(what: string): RomeError {
    return damagedFile(this.path, this.reason, what);
  }
}

/** The error of the given reason for a file whose contents are not what they must be. */
export function damagedFile(path: string, reason: Reason, what: string): RomeError {
  return new RomeError(reason, `${path} is damaged or incomplete: ${what}. ${advice[reason] ?? ""}`.trim());
}

/** A schema for a JSON object of any fields. */
export const anyObject = v.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "it is not a JSON object",
);

/** Bytes a JSON file may have; the largest tokenizers have some 30 MB. */
const mostJson = 128 * 2 ** 20;

/** Reads a text file that is to hold JSON. Every failure is a RomeError of `reason`. */
export async function readJsonText(path: string, reason: Reason): Promise<string> {
  return SourceFile.use(path, reason, async (file) => {
    if (file.size > mostJson) throw file.damaged(`${file.size} bytes are too many for it`);
    return (await file.read(0, file.size)).toString("utf8");
  });
}

/** Reads a JSON file and checks it against a schema; anything else is a RomeError of `reason` naming the file. */
export async function readJson<Schema extends v.GenericSchema>(
  path: string,
  reason: Reason,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  return parseJson(await readJsonText(path, reason), schema, (what) => damagedFile(path, reason, what));
}

/** Parses JSON text and checks it against a schema; `damaged` makes the error from what is wrong. */
export function parseJson<Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
  damaged: (what: string) => RomeError,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = parseLoosely(text.replace(/^\uFEFF/, ""));
  } catch {
    throw damaged("it is not valid JSON");
  }
  const checked = v.safeParse(schema, value, { abortEarly: true });
  if (checked.success) return checked.output;
  throw damaged(describeIssue(checked.issues[0]));
}

/**
 * JSON as Python writes and reads it, with the literals Infinity, -Infinity and NaN. JSON.parse makes infinities of
 * numbers that are too large, but has nothing for NaN: that becomes the text "NaN", which no number's schema lets pass.
 */
function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const literals = { Infinity: "1e999", "-Infinity": "-1e999", NaN: '"NaN"' };
    const read = text.replace(
      /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g,
      (part) => literals[part as keyof typeof literals] ?? part,
    );
    if (read === text) throw error;
    return JSON.parse(read);
  }
}

/** What a schema found wrong, and where. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue);
  const what = shorten(issueText(issue), 200);
  return place ? `"${shorten(place)}": ${what}` : what;
}

/** Text from a file made fit for a message: cut, and without characters that would steer a terminal. */
export function shorten(text: string, most = 120): string {
  const plain = text.slice(0, most).replace(/\p{C}/gu, "\uFFFD");
  return text.length <= most ? plain : `${plain}…`;
}
