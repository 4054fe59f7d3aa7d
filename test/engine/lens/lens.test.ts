/** The logit lens against transformers' hidden states (test/reference/inside.py), and on the embedded model. */

import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { look } from "../../../src/engine/lens/lens.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { lens as schema } from "../../../src/protocol/lens.ts";
import { lensColumns, lensCsv } from "../../../src/text/lensCsv.ts";
import { lensPicture } from "../../../src/text/lensPicture.ts";
import { pictureSvg } from "../../../src/text/picture.ts";
import { embeddedPath, fixturePath, readFixture } from "../../support/fixtures.ts";
import type { InsideFixture } from "../../support/insideFixture.ts";
import { quietRun } from "../../support/run.ts";

describe("every layer and token agrees with the PyTorch lens", () => {
  for (const { checkpoint, text, ids, lens } of readFixture<InsideFixture[]>("inside.json")) {
    it(checkpoint, async () => {
      const model = await Model.open(fixturePath("checkpoints", checkpoint));
      expect(model.tokenizer.encode(text)).toEqual(ids);
      const { cells } = await look(model, checkpoint, { prompt: text, topK: 3 }, quietRun());
      expect(cells.length).toBe(lens.length);
      for (const [layer, row] of lens.entries()) {
        expect(cells[layer]!.length).toBe(row.length);
        for (const [token, expected] of row.entries()) {
          const cell = cells[layer]![token]!;
          const where = `layer ${layer}, token ${token}`;
          for (const [i, { probability }] of expected.top.entries())
            expect(Math.abs(cell.top[i]!.probability - probability), where).toBeLessThan(1e-3);
          expect(cell.top[0]!.token, where).toBe(model.tokenizer.token(expected.top[0]!.id));
          expect(Math.abs(cell.entropy - expected.entropy), where).toBeLessThan(1e-3);
          expect(Math.abs(cell.klToFinal - expected.klToFinal), where).toBeLessThan(1e-3);
        }
      }
    });
  }
});

describe("the embedded model", () => {
  let model: Model;
  beforeAll(async () => {
    model = await Model.open(embeddedPath);
  });
  const prompt = "Name: Ben. Gender:";

  it("says at its last layer what the model says, and follows a word", async () => {
    const looked = await look(model, "embedded", { prompt, word: " female" }, quietRun());
    const last = looked.cells.at(-1)!.at(-1)!;
    expect(last.top[0]!.token).toBe(" male");
    expect(last.klToFinal).toBe(0);
    expect(last.word!.rank).toBe(2);
    expect(last.word!.probability).toBe(last.top[1]!.probability);
    expect(looked.cells[0]!.at(-1)!.klToFinal).toBeGreaterThan(0.1);
    expect(looked.after).toBeUndefined();
    v.parse(schema, looked);
  });

  it("shows an edit where it is, and nothing before it", async () => {
    const { width, inner } = model.size;
    const edit = {
      layer: 3,
      u: new Float32Array(inner).fill(0.05),
      r: Float32Array.from({ length: width }, (_, i) => Math.cos(i)),
    };
    const looked = await look(model, "embedded", { prompt, word: " male", edits: [edit] }, quietRun());
    const kls = looked.change!.map((row) => Math.max(...row.map(({ kl }) => kl)));
    for (const [layer, kl] of kls.entries())
      if (layer < 3) expect(kl).toBeLessThan(1e-9);
      else expect(kl).toBeGreaterThan(1e-6);
    const [before, after] = [looked.cells.at(-1)!.at(-1)!, looked.after!.at(-1)!.at(-1)!];
    expect(looked.change!.at(-1)!.at(-1)!.probability).toBeCloseTo(
      after.word!.probability - before.word!.probability,
      10,
    );
    // The model itself is as it was.
    const again = await look(model, "embedded", { prompt, word: " male" }, quietRun());
    expect(again.cells).toEqual(looked.cells);
  });

  it("writes table and picture, with whatever text kept text", async () => {
    const looked = await look(model, "embedded", { prompt: "<b>&", topK: 2 }, quietRun());
    expect(pictureSvg(lensPicture(looked))).not.toContain("<b>");
    const lines = lensCsv(looked).trim().split("\r\n");
    expect(lines[0]).toBe(lensColumns.join(","));
    expect(lines.length).toBe(1 + 2 * model.size.layers * looked.tokens.length);
  });

  it("refuses what it cannot look into, and stops when told to", async () => {
    const refused = (request: Parameters<typeof look>[2]) => look(model, "embedded", request, quietRun());
    await expect(refused({ prompt: "" })).rejects.toThrow(/prompt is empty/);
    await expect(refused({ prompt, word: " " })).rejects.toThrow(/word to follow is empty/);
    await expect(refused({ prompt: "word ".repeat(300) })).rejects.toThrow(/reads at most 256/);
    expect((await refused({ prompt, word: " femalemale" })).warnings.join()).toMatch(/tokens: its first/);
    const stopped = quietRun({ signal: AbortSignal.abort() });
    await expect(look(model, "embedded", { prompt }, stopped)).rejects.toMatchObject({ reason: "cancelled" });
  });
});
