import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { lensText } from "../../../src/cli/lensText.ts";
import { beginFit, defaultRank, measureFit, refineFit } from "../../../src/engine/lens/fit.ts";
import { Jacobian } from "../../../src/engine/lens/jacobian.ts";
import { type FitText, fitFolder, keepFit, keptFit } from "../../../src/engine/lens/keptFit.ts";
import { look } from "../../../src/engine/lens/lens.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { dot } from "../../../src/engine/numerics/vectors.ts";
import { fingerprintOf } from "../../../src/engine/rome/corpus.ts";
import { lens as schema } from "../../../src/protocol/lens.ts";
import { embeddedPath, fixturePath, readFixture, temporaryFolder } from "../../support/fixtures.ts";
import type { InsideFixture } from "../../support/insideFixture.ts";
import { quietRun } from "../../support/run.ts";

const made = { model: "", corpus: "", text: "" };
const wave = (width: number) => Float32Array.from({ length: width }, (_, i) => Math.cos(i));

describe("the mean Jacobian over a text, and its lens, agree with PyTorch's", () => {
  for (const { checkpoint, text, ids, jacobianLens } of readFixture<InsideFixture[]>("inside.json"))
    it(checkpoint, async () => {
      const model = await Model.open(fixturePath("checkpoints", checkpoint));
      const jacobian = Jacobian.empty(model.size, made);
      // As many passes as there are components: each token has them all.
      await refineFit(model, jacobian, () => [text], { tokens: ids.length * model.size.width }, quietRun());
      expect(new Set(jacobian.counts)).toEqual(new Set([ids.length]));
      for (const [layer, expected] of jacobianLens.carriedWave.entries())
        for (const [i, value] of jacobian.carry(layer, wave(model.size.width)).entries())
          expect(Math.abs(value - expected[i]!), `layer ${layer}, component ${i}`).toBeLessThan(1e-3);
      const looked = await look(model, checkpoint, { prompt: text, topK: 3, jacobian }, quietRun());
      expect(looked.kind).toBe("jacobian");
      for (const [layer, row] of jacobianLens.cells.entries())
        for (const [token, expected] of row.entries()) {
          const cell = looked.cells[layer]![token]!;
          const where = `layer ${layer}, token ${token}`;
          for (const [i, { probability }] of expected.top.entries())
            expect(Math.abs(cell.top[i]!.probability - probability), where).toBeLessThan(1e-3);
          expect(Math.abs(cell.entropy - expected.entropy), where).toBeLessThan(1e-3);
          expect(Math.abs(cell.klToFinal - expected.klToFinal), where).toBeLessThan(1e-3);
        }
    });
});

describe("the embedded model", () => {
  let model: Model;
  let documents: string[];
  beforeAll(async () => {
    model = await Model.open(embeddedPath);
    documents = Array.from({ length: 60 }, (_, i) => `Name: ${["Ben", "Anna", "Carl"][i % 3]}. Age: ${20 + i}.`);
  });
  const textOf = (lines: string[]): FitText => ({
    name: "names.txt",
    fingerprint: fingerprintOf(lines),
    documents: () => lines,
  });

  it("is measured along fewer directions, and carries to and fro alike", async () => {
    const rank = 24;
    const jacobian = await beginFit(model, made, () => documents, rank, quietRun());
    expect(jacobian.rank).toBe(rank);
    for (let i = 0; i < rank; i++)
      for (let j = 0; j <= i; j++)
        expect(dot(jacobian.direction(i), jacobian.direction(j))).toBeCloseTo(i === j ? 1 : 0, 5);
    await refineFit(model, jacobian, () => documents, { tokens: 480 }, quietRun());
    const [x, y] = [wave(model.size.width), wave(model.size.width).toReversed()];
    expect(dot(jacobian.carry(0, x), y)).toBeCloseTo(dot(x, jacobian.carryBack(0, y)), 3);
    expect(jacobian.carry(model.size.layers - 1, x)).toEqual(x);
    // More directions and more tokens: nearer to exact products.
    const full = Jacobian.empty(model.size, made);
    await refineFit(model, full, () => documents, { tokens: 2048 }, quietRun());
    const [few, all] = [jacobian, full].map((each) => measureFit(model, each, () => documents, quietRun()));
    const [fewer, more] = [(await few)!, (await all)!];
    expect(fewer.mean.length).toBe(model.size.layers - 1);
    for (const [layer, error] of more.mean.entries()) expect(error).toBeLessThan(fewer.mean[layer]!);
  });

  it("takes fewer directions where all would not have room", () => {
    expect(defaultRank(model.size)).toBe(model.size.width);
    expect(defaultRank({ ...model.size, layers: 28, width: 4096 })).toBe(1213);
  });

  it("is kept, goes on where it was stopped, and says what it rests on", async () => {
    const [folder, other] = [fitFolder(await temporaryFolder()), fitFolder(await temporaryFolder())];
    const text = textOf(documents);
    const options = { tokens: 900, rank: 16 };
    expect(await keptFit(model, folder, text, options)).toBeUndefined();
    const stop = new AbortController();
    const stopping = quietRun({ signal: stop.signal, progress: ({ done }) => done > 300 && stop.abort() });
    await expect(keepFit(model, folder, text, options, stopping)).rejects.toMatchObject({ reason: "cancelled" });
    expect(await keptFit(model, folder, text, options)).toBeUndefined();
    const doneAt: number[] = [];
    const going = quietRun({ progress: ({ phase, done }) => phase === "jacobian" && doneAt.push(done) });
    const jacobian = await keepFit(model, folder, text, options, going);
    expect(doneAt[0]).toBeGreaterThan(300);
    // To the same numbers as one that was never stopped.
    const straight = await keepFit(model, other, text, options, quietRun());
    expect(jacobian.sums).toEqual(straight.sums);
    const fingerprint = text.fingerprint.slice(0, 16);
    expect(await readdir(folder)).toEqual([`${fingerprint}-16-900.safetensors`]);

    const kept = (await keptFit(model, folder, text, options))!;
    expect(kept.fit).toEqual(jacobian.fit);
    expect(kept.fit).toMatchObject({ text: "names.txt", corpus: text.fingerprint, rank: 16, width: 256 });
    expect(kept.fit.tokens).toBeGreaterThanOrEqual(900);
    expect(kept.fit.error!.tokens).toBeGreaterThan(40);
    const looked = await look(model, "embedded", { prompt: "Name: Ben. Gender:", jacobian: kept }, quietRun());
    expect(v.parse(schema, looked).fit).toEqual(kept.fit);
    expect(looked.cells.at(-1)!.at(-1)!.klToFinal).toBe(0);
    // The same is asked for: nothing is run.
    const silent = quietRun({ progress: () => expect.unreachable() });
    expect((await keepFit(model, folder, text, options, silent)).fit).toEqual(kept.fit);
    // More tokens: it goes on from there, to the same numbers as from the start.
    const more = await keepFit(model, folder, text, { tokens: 1300, rank: 16 }, going);
    expect(doneAt.at(-1)).toBe(1300);
    expect(more.sums).toEqual((await keepFit(model, other, text, { tokens: 1300, rank: 16 }, quietRun())).sums);
  });

  it("is kept beside every other fit of the model, and none replaces it", async () => {
    const folder = fitFolder(await temporaryFolder());
    const [text, short] = [textOf(documents), textOf(["Name: Ben.", "Name: Anna."])];
    const options = { tokens: 300, rank: 16 };
    const first = await keepFit(model, folder, text, options, quietRun());
    await keepFit(model, folder, short, options, quietRun());
    await keepFit(model, folder, text, { ...options, rank: 8 }, quietRun());
    await keepFit(model, folder, text, { ...options, tokens: 600 }, quietRun());
    const fewer = await keepFit(model, folder, text, { ...options, tokens: 100 }, quietRun());
    expect(fewer.fit.tokens).toBeLessThan(600);
    expect(await readdir(folder)).toHaveLength(5);
    const kept = (await keptFit(model, folder, text, options))!;
    expect([kept.fit, kept.sums]).toEqual([first.fit, first.sums]);
    expect(await keptFit(model, folder, text, {})).toBeUndefined();
  });

  it("tells products from the tokens that they are of", async () => {
    const folder = fitFolder(await temporaryFolder());
    const text = textOf(["Name: Ben."]);
    const jacobian = await keepFit(model, folder, text, { tokens: 20 }, quietRun());
    const distinct = model.tokenizer.encode("Name: Ben.").length;
    expect(jacobian.fit).toMatchObject({ distinct });
    expect(jacobian.fit.tokens).toBeGreaterThanOrEqual(20);
    const looked = await look(model, "embedded", { prompt: "Name: Ben. Gender:", jacobian }, quietRun());
    expect(looked.warnings).toEqual([expect.stringMatching(`names.txt has only ${distinct} tokens`)]);
    expect(lensText(looked, "words")).toContain(
      `fit     ${jacobian.fit.tokens} products over ${distinct} distinct tokens of names.txt`,
    );
    const once = await keepFit(model, folder, textOf(documents), { tokens: 20 }, quietRun());
    expect(once.fit.distinct).toBe(once.fit.tokens);
    expect(
      (await look(model, "embedded", { prompt: "Name: Ben. Gender:", jacobian: once }, quietRun())).warnings,
    ).toEqual([]);
  });

  it("refuses what is damaged, of another model, or empty", async () => {
    const folder = fitFolder(await temporaryFolder());
    await expect(keepFit(model, folder, textOf([]), {}, quietRun())).rejects.toThrow(/holds no tokens/);
    await expect(keepFit(model, folder, textOf([]), { rank: 8 }, quietRun())).rejects.toThrow(/holds no tokens/);
    const text = textOf(["Name: Ben."]);
    const file = join(folder, `${text.fingerprint.slice(0, 16)}-256-20.safetensors`);
    const jacobian = Jacobian.empty(model.size, { ...made, model: "another" });
    await jacobian.save(file);
    await expect(keptFit(model, folder, text, { tokens: 20 })).rejects.toThrow(/of another one. Delete that file/);
    await writeFile(file, "nothing of the kind");
    await expect(keptFit(model, folder, text, { tokens: 20 })).rejects.toThrow(/damaged.*Delete that file/);
    await expect(keepFit(model, folder, textOf(documents), { rank: 257 }, quietRun())).rejects.toThrow(
      /has 1 to 256 directions, not 257/,
    );
    // A text of few documents: fitted, its error unknown.
    const few = await keepFit(model, folder, text, { tokens: 20 }, quietRun());
    expect(few.fit.error).toBeUndefined();
    // One bit of its numbers, by which every one of them is still a number.
    const bytes = await readFile(file);
    bytes[bytes.length - 5000] = (bytes[bytes.length - 5000] as number) ^ 1;
    await writeFile(file, bytes);
    await expect(keptFit(model, folder, text, { tokens: 20 })).rejects.toThrow(
      /not those that were kept. Delete that file/,
    );
    const again = await keepFit(model, folder, text, { tokens: 20 }, quietRun());
    expect(again.sums).toEqual(few.sums);
  });
});
