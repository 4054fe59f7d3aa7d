import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { RomeError } from "../errors.ts";

/** Documents of a text file, one a line; undefined where there is no such file. */
export async function readCorpus(path: string): Promise<string[] | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text?.split("\n").filter((line) => line.trim() !== "");
}

export function fingerprintOf(corpus: readonly string[]): string {
  return createHash("sha256").update(corpus.join("\n")).digest("hex");
}

/** Bytes of text that are read at most, so that the corpus fits in memory. */
const largestCorpus = 2 ** 28;

/**
 * Documents of text files, one a line, and of the .txt files of folders, in the order of their names.
 *
 * @throws RomeError ("data") for what cannot be read, holds no text, or is larger than memory should hold
 */
export async function readTexts(paths: readonly string[]): Promise<string[]> {
  const documents: string[] = [];
  let bytes = 0;
  for (const path of (await Promise.all(paths.map(filesAt))).flat()) {
    bytes += (await stat(path)).size;
    if (bytes > largestCorpus)
      throw new RomeError(
        "data",
        `The text is larger than ${largestCorpus / 2 ** 20} MiB. Give fewer files, or a part.`,
      );
    const lines = await readCorpus(path);
    if (!lines) throw new RomeError("data", `${path} cannot be read.`);
    for (const line of lines) documents.push(line);
  }
  if (documents.length === 0) throw new RomeError("data", `There is no text in ${paths.join(", ")}.`);
  return documents;
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new RomeError("data", `There is no file or folder ${path}. Give a text file, a document a line.`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(".txt")).sort();
  return names.map((name) => join(path, name));
}
