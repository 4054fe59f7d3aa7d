/** Tokenizers against Python's `tokenizers`; test/reference/tokenizers_texts.py writes the fixture. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadTokenizer } from "../../../src/engine/checkpoint/tokenizer.ts";
import { temporaryFolder } from "../../support/checkpointBuilders.ts";
import { readFixture } from "../../support/fixtures.ts";

interface Kind {
  readonly name: string;
  readonly file: unknown;
  /** What the ids decode to stands only where it is not the text. */
  readonly texts: readonly (readonly [text: string, ids: number[], decoded?: string])[];
}

const kinds = readFixture<Kind[]>("tokenizers.json");

test("the fixture holds a few hundred texts", () => {
  expect(kinds.flatMap(({ texts }) => texts).length).toBeGreaterThan(500);
});

test.each(kinds)("$name agrees with Python", async ({ file, texts }) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(file));
  const tokenizer = await loadTokenizer(folder);
  const made = texts.map(([text, ids]) => ({ text, ids: tokenizer.encode(text), decoded: tokenizer.decode(ids) }));
  expect(made).toEqual(texts.map(([text, ids, decoded = text]) => ({ text, ids, decoded })));
});
