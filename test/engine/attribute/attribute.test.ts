/** Direct logit attribution: the sum is the difference, and every part is PyTorch's (test/reference/inside.py). */
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../../src/engine/attribute/attribute.ts";
import { insideOf } from "../../../src/engine/attribute/shares.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { type Shares, attribution as schema } from "../../../src/protocol/attribution.ts";
import { embeddedPath, fixturePath, readFixture } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

interface Reference {
  checkpoint: string;
  text: string;
  attribution: {
    targets: [number, number];
    difference: number;
    embedding: number;
    layers: { attention: number; mlp: number; heads: number[] }[];
    rest: number;
  };
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** The parts add up, in every way that they are cut. */
function expectExact(shares: Shares, tolerance: number): void {
  const { difference, embedding, layers, rest } = shares;
  const total = embedding + rest + sum(layers.map(({ attention, mlp }) => attention + mlp));
  expect(Math.abs(total - difference)).toBeLessThan(tolerance);
  for (const { attention, heads, bias, from } of layers) {
    expect(Math.abs(sum(heads) + bias - attention)).toBeLessThan(tolerance);
    for (const [head, tokens] of from.entries()) expect(Math.abs(sum(tokens) - heads[head]!)).toBeLessThan(tolerance);
  }
}

describe("on every family, the sum is the difference and the parts are PyTorch's", () => {
  for (const { checkpoint, text, attribution } of readFixture<Reference[]>("inside.json")) {
    it(checkpoint, async () => {
      const model = await Model.open(fixturePath("checkpoints", checkpoint));
      const { shares, pattern } = await insideOf(model, { prompt: text }, attribution.targets, quietRun(), () => {});
      expectExact(shares, 2e-4);
      const near = (here: number, there: number) => expect(Math.abs(here - there)).toBeLessThan(1e-3);
      near(shares.difference, attribution.difference);
      near(shares.embedding, attribution.embedding);
      near(shares.rest, attribution.rest);
      for (const [layer, expected] of attribution.layers.entries()) {
        const found = shares.layers[layer]!;
        near(found.attention, expected.attention);
        near(found.mlp, expected.mlp);
        near(found.bias, expected.attention - sum(expected.heads));
        expect(found.heads.length).toBe(expected.heads.length);
        for (const [head, value] of expected.heads.entries()) near(found.heads[head]!, value);
      }
      for (const [i, row] of pattern(0, model.size.heads - 1).entries()) {
        expect(sum(row)).toBeCloseTo(1, 5);
        for (const share of row.slice(i + 1)) expect(share).toBe(0);
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
  const targets = [" female", " male"] as const;
  const ask = (request: Partial<Parameters<typeof attribute>[2]>, run = quietRun()) =>
    attribute(model, "embedded", { prompt, targets, ...request }, run);

  it("explains the very logits that the model says", async () => {
    const found = await ask({ pattern: { layer: 2, head: 1 } });
    v.parse(schema, found);
    const { firstLogits } = await generate(model, [model.tokenizer.encode(prompt)], { maxTokens: 0 }, quietRun());
    const [female, male] = targets.map((text) => firstLogits[0]![model.tokenizer.continuation(text)[0]!]!);
    expect(found.difference).toBeCloseTo(female! - male!, 4);
    expect(found.difference).toBeLessThan(0);
    expectExact(found, 1e-3);
    expect(found.pattern!.before.length).toBe(found.tokens.length);
    const turned = await ask({ targets: [" male", " female"] });
    expect(turned.difference).toBeCloseTo(-found.difference, 4);
    expect(turned.layers[3]!.mlp).toBeCloseTo(-found.layers[3]!.mlp, 4);
  });

  it("shows an edit in what comes after it", async () => {
    const { width, inner } = model.size;
    const r = Float32Array.from({ length: width }, (_, i) => 3 * Math.cos(i));
    const edit = { layer: 2, u: new Float32Array(inner).fill(0.05), r };
    const found = await ask({ edits: [edit], pattern: { layer: 4, head: 0 } });
    expectExact(found.after!, 1e-3);
    expect(Math.abs(found.after!.difference - found.difference)).toBeGreaterThan(0.01);
    expect(found.pattern!.after!.length).toBe(found.tokens.length);
    expect(await ask({})).toMatchObject({ difference: found.difference, layers: found.layers });
  });

  it("refuses in words, and stops when told to", async () => {
    await expect(ask({ prompt: "" })).rejects.toThrow(/prompt is empty/);
    await expect(ask({ targets: [" ", " male"] })).rejects.toThrow(/target is empty/);
    await expect(ask({ targets: [" male", " male"] })).rejects.toThrow(/begin with the same token/);
    await expect(ask({ pattern: { layer: 6, head: 0 } })).rejects.toThrow(/no head 6\.0: .* layers 0 to 5/);
    await expect(ask({}, quietRun({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ reason: "cancelled" });
  });
});
