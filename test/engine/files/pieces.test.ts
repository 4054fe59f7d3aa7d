/** Results that are made piece by piece: kept, gone on with, put together; nothing of something else. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import { Pieces } from "../../../src/engine/files/pieces.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/fixtures.ts";

const open = (folder: string, of: Record<string, unknown> = { seed: 0 }, what = "a trace") =>
  Pieces.open(folder, { what, count: 2, of }, v.object({ n: v.number() }));

it("a piece is made once, by whoever comes first, and again where it is damaged", async () => {
  const folder = join(await temporaryFolder(), "kept");
  const pieces = await open(folder);
  let made = 0;
  const make = async () => ({ n: ++made + 0.1 });
  expect(await pieces.get(1, make)).toEqual({ n: 1.1 });
  expect(await (await open(folder)).get(1, make)).toEqual({ n: 1.1 });
  expect(await Pieces.look(folder)).toEqual({ count: 2, there: new Set([1]), finished: false });
  writeFileSync(join(folder, "pieces/000001.json"), '{"n":');
  expect(await pieces.get(1, make)).toEqual({ n: 2.1 });
  await pieces.finish({ all: true });
  expect((await Pieces.look(folder))?.finished).toBe(true);
  expect(readFileSync(join(folder, "result.json"), "utf8")).toBe('{"all":true}\n');
});

it("pieces of something else, a damaged list and a foreign folder are refused", async () => {
  const folder = join(await temporaryFolder(), "kept");
  await open(folder);
  await expectError(open(folder, { seed: 1 }), "data", folder, "another seed");
  await expectError(open(folder, { seed: 0 }, "a sweep"), "data", folder, "keeps a trace, not a sweep");
  writeFileSync(join(folder, "pieces.json"), "{");
  await expectError(open(folder), "data", folder, "damaged");
  const foreign = await temporaryFolder();
  writeFileSync(join(foreign, "thesis.tex"), "");
  await expectError(open(foreign), "input", foreign, "is there already");
});
