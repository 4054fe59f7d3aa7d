import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Documents of a text file, one a line; undefined where there is no such file. */
export async function readCorpus(path: string): Promise<string[] | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text?.split("\n").filter((line) => line.trim() !== "");
}

export function fingerprintOf(corpus: readonly string[]): string {
  return createHash("sha256").update(corpus.join("\n")).digest("hex");
}
