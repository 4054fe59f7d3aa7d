import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import * as v from "valibot";
import type { Call } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { HubConnection } from "./connection.ts";

/** WikiText-2 (Merity et al. 2017): two million words of Wikipedia's good articles, a paragraph a row; 6 MB. */
const corpus = {
  repository: "Salesforce/wikitext",
  file: "wikitext-2-raw-v1/train-00000-of-00001.parquet",
  text: "wikitext-2.txt",
};

const schema = v.pipe(v.array(v.object({ text: v.string() })), v.minLength(1));

/** Where it is kept if it was fetched before. */
export async function keptCorpus(folder: string): Promise<string | undefined> {
  const path = join(folder, corpus.text);
  return (await stat(path).catch(() => undefined))?.isFile() ? path : undefined;
}

/**
 * The text that a second moment is counted over where none is named: fetched from the Hub once, kept as a text file with
 * a paragraph a line, without headings.
 *
 * @param folder where it is kept
 * @returns the file's path
 * @throws RomeError ("network", "disk", "cancelled")
 */
export async function defaultCorpus(
  folder: string,
  { signal, progress }: Call,
  { firstPause = 1000 }: { firstPause?: number } = {},
): Promise<string> {
  const kept = await keptCorpus(folder);
  if (kept) return kept;
  progress({ phase: `fetch ${corpus.repository}`, done: 0, total: 0 });
  const connection = await HubConnection.open({ signal, firstPause });
  const url = `${connection.endpoint}/datasets/${corpus.repository}/resolve/main/${corpus.file}`;
  const response = await connection.request(corpus.repository, url);
  const paragraphs = await read(await response.arrayBuffer()).catch((cause) => {
    throw new RomeError(
      "network",
      `${corpus.repository} did not arrive as expected. Try again, or name a text file: rome covariance FILE`,
      { cause },
    );
  });
  await makeFolder(folder).catch((error) => {
    throw unwritable(folder, error);
  });
  const path = join(folder, corpus.text);
  await writeAtomically(path, [Buffer.from(`${paragraphs.join("\n")}\n`)]);
  return path;
}

async function read(file: ArrayBuffer): Promise<string[]> {
  const rows = v.parse(schema, await parquetReadObjects({ file, columns: ["text"] }));
  return rows.map(({ text }) => text.trim()).filter((text) => text !== "" && !text.startsWith("="));
}
