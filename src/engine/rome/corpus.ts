import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { readText } from "../files/readText.ts";

/** Documents of a text file, one a line; undefined where there is no such file. */
export async function readCorpus(path: string): Promise<string[] | undefined> {
  const text = await readText(path).catch(() => undefined);
  return text?.split("\n").filter((line) => line.trim() !== "");
}

export function fingerprintOf(corpus: readonly string[]): string {
  return createHash("sha256").update(corpus.join("\n")).digest("hex");
}

/** Text too large for memory, read as often as needed. */
export interface TextFiles {
  /** The same as `fingerprintOf` of all the documents. */
  readonly fingerprint: string;
  documents(): AsyncIterable<string>;
}

/**
 * Documents of text files, one a line, and of the .txt files of folders, in the order of their names. Read once here,
 * to know them by.
 *
 * @throws RomeError ("data") for what cannot be read or holds no text, and "cancelled"
 */
export async function openTexts(paths: readonly string[], { signal }: Run): Promise<TextFiles> {
  const files = await textFiles(paths);
  async function* documents() {
    for (const file of files)
      try {
        const stream = createReadStream(file);
        for await (const line of createInterface({ input: stream })) if (line.trim() !== "") yield line;
      } catch (cause) {
        throw new RomeError("data", `${file} cannot be read.`, { cause });
      }
  }
  const hash = createHash("sha256");
  let count = 0;
  for await (const document of documents()) {
    if (count % 1024 === 0) throwIfCancelled(signal);
    hash.update(count++ === 0 ? document : `\n${document}`);
  }
  if (count === 0) throw noText(paths);
  return { fingerprint: hash.digest("hex"), documents };
}

/**
 * The given text files, and the .txt files of given folders in the order of their names; nothing is read.
 *
 * @throws RomeError ("data") for what is not there, and where a folder holds none
 */
export async function textFiles(paths: readonly string[]): Promise<string[]> {
  const files = await Promise.all(paths.map(filesAt));
  const empty = paths.filter((_, i) => files[i]?.length === 0);
  if (empty.length > 0) throw noText(empty);
  return files.flat();
}

function noText(paths: readonly string[]): RomeError {
  return new RomeError("data", `There is no text in ${paths.join(", ")}.`);
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new RomeError("data", `There is no file or folder ${path}. Give a text file, a document a line.`);
  if (!found.isDirectory() && !found.isFile() && !path.startsWith("/dev/fd/"))
    throw new RomeError("data", `${path} is a device or a pipe, not a file. Give a text file, a document a line.`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(".txt")).sort();
  return names.map((name) => join(path, name));
}
