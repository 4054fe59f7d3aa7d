/** What adapters do to a layer's output, where they are on, and that they do nothing elsewhere. */
import { beforeAll, describe, expect, it } from "vitest";
import { type Adapter, Model } from "../../../src/engine/model/model.ts";
import { orthogonal } from "../../../src/engine/numerics/leace.ts";
import { dot } from "../../../src/engine/numerics/vectors.ts";
import { embeddedPath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";
import { seeded } from "../../support/seeded.ts";

const layer = 2;
const random = seeded(11);
const vector = (length: number) => Float32Array.from({ length }, () => random(2001) / 1000 - 1);
let model: Model;
let tokens: number[][];

beforeAll(async () => {
  model = await Model.open(embeddedPath);
  tokens = [model.tokenizer.encode("Name: Ben. Gender:"), [-1, ...model.tokenizer.encode("Name: Ben. Gender")]];
});

/** Rows of what the layer's MLP writes [tokens, d], and of the stream after it. */
async function written(adapters: readonly Adapter[]) {
  const n = tokens[0]!.length;
  const tapAt = Array.from({ length: 2 * n }, (_, i) => i);
  const { value, stream } = await model.forward(
    { to: layer, tap: true, stream: true },
    { tokens, tapAt, adapters },
    quietRun(),
  );
  const { width } = model.size;
  const rows = (data: Float32Array) =>
    Array.from({ length: data.length / width }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);
  return { value: rows(value), stream: rows(stream) };
}

const differences = (a: number[][], b: number[][]) => a.map((row, i) => row.map((x, j) => x - (b[i] as number[])[j]!));

describe("a vector that is added", () => {
  it("moves the layer's output and the stream by just that, at its position and in its row", async () => {
    const r = vector(model.size.width);
    const [plain, steered] = [
      await written([]),
      await written([
        { layer, u: new Float32Array(0), constant: 1.5, r, on: [0, 1], at: (_, position) => position === 3 },
      ]),
    ];
    const n = tokens[0]!.length;
    // The second row begins with a token of padding.
    const moved = n + 1 + 3;
    for (const part of ["value", "stream"] as const)
      for (const [i, row] of differences(steered[part], plain[part]).entries()) {
        const expected = i === moved ? [...r].map((x) => 1.5 * x) : row.map(() => 0);
        for (const [j, x] of row.entries()) expect(x).toBeCloseTo(expected[j]!, i === moved ? 5 : 12);
      }
  });
});

describe("an erasure", () => {
  it("takes its direction out of what is written, edits and vectors included", async () => {
    const { width, inner } = model.size;
    const { right, left } = orthogonal([vector(width)], width);
    const [p, q] = [Float32Array.from(right[0]!), Float32Array.from(left[0]!)];
    const others: Adapter[] = [
      { layer, u: vector(inner), r: vector(width), on: [1, 1] },
      { layer, u: new Float32Array(0), constant: 3, r: vector(width), on: [1, 1] },
    ];
    const erasure: Adapter = { layer, reads: "output", u: p.map((x) => -x), constant: 0.25, r: q, on: [1, 1] };
    const kept = (await written(others)).value.map((row) => dot(row, p));
    expect(Math.max(...kept.map(Math.abs))).toBeGreaterThan(1);
    for (const row of (await written([...others, erasure])).value) expect(dot(row, p)).toBeCloseTo(0.25, 4);
  });
});

describe("adapters that are off", () => {
  it("leave every bit as it is", async () => {
    const { width, inner } = model.size;
    const off = [0, 0];
    const plain = await written([]);
    const quiet = await written([
      { layer, u: vector(inner), r: vector(width), on: off },
      { layer, u: new Float32Array(0), constant: 4, r: vector(width), on: off },
      { layer, reads: "output", u: vector(width), constant: 1, r: vector(width), on: off },
      { layer, u: vector(inner), r: vector(width), on: [1, 1], at: () => false },
    ]);
    expect(quiet).toEqual(plain);
  });
});
