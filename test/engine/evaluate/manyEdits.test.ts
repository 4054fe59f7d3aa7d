/** Many edits at once: the batch update is the least-squares solution, writing in turn sees what is there, and the measurement. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { batchUpdate, writeInTurn } from "../../../src/engine/rome/batchUpdate.ts";
import { SecondMoment } from "../../../src/engine/rome/covariance.ts";
import { type EditInputs, makeEdit } from "../../../src/engine/rome/edit.ts";
import { fixturePath, rome, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";
import { seeded } from "../../support/seeded.ts";

const [n, m, d] = [7, 24, 5];
const random = seeded(11);
const vector = (length: number) => Float32Array.from({ length }, () => random(2001) / 1000 - 1);
const provenance = { model: "toy", layer: 1, corpus: "toy" };

/** A positive definite C from more vectors than it has rows. */
function someMoment() {
  const matrix = new Float64Array(m * m);
  for (let sample = 0; sample < 3 * m; sample++) {
    const x = vector(m);
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) matrix[i * m + j]! += (x[i]! * x[j]!) / (3 * m);
  }
  return matrix;
}

const inputs: EditInputs[] = Array.from({ length: n }, () => {
  const [meanKey, bareKey, bareValue, delta] = [vector(m), vector(m), vector(d), vector(d)];
  return { layer: 1, meanKey, bareKey, bareValue, value: bareValue, delta };
});

/** Σ r uᵀ, and what it makes of a key. */
const apply = (edits: readonly { r: Float32Array; u: Float32Array }[], key: ArrayLike<number>) =>
  Array.from({ length: d }, (_, row) =>
    edits.reduce((sum, { r, u }) => sum + r[row]! * u.reduce((dot, x, i) => dot + x * key[i]!, 0), 0),
  );

describe("the batch update", () => {
  it.each([0.01, 1, 1000])("with λ %d solves Δ(λC + KKᵀ) = RKᵀ, so that no other Δ is better", async (weight) => {
    const matrix = someMoment();
    const edits = batchUpdate(inputs, await SecondMoment.of(matrix, m, 1, provenance).factor({}, quietRun()), weight);
    const ridge = (1e-4 * Array.from({ length: m }, (_, i) => matrix[i * m + i]!).reduce((a, b) => a + b)) / m;
    for (let column = 0; column < m; column++) {
      const ofC = Array.from({ length: m }, (_, i) => weight * (matrix[i * m + column]! + (i === column ? ridge : 0)));
      const left = apply(edits, ofC);
      const right = new Array(d).fill(0);
      for (const { meanKey, delta } of inputs) {
        const made = apply(edits, meanKey);
        for (let row = 0; row < d; row++) {
          left[row]! += made[row]! * meanKey[column]!;
          right[row] += delta[row]! * meanKey[column]!;
        }
      }
      for (let row = 0; row < d; row++) expect(left[row]).toBeCloseTo(right[row], 4);
    }
  });

  it("writes every value exactly where nothing else counts, and less and less where it does", async () => {
    const covariance = await SecondMoment.of(someMoment(), m, 1, provenance).factor({}, quietRun());
    const written = (weight: number) =>
      inputs.map(({ meanKey, delta }) => {
        const made = apply(batchUpdate(inputs, covariance, weight), meanKey);
        return Math.hypot(...made.map((x, row) => x - delta[row]!)) / Math.hypot(...delta);
      });
    expect(Math.max(...written(1e-7))).toBeLessThan(1e-4);
    const errors = [0.1, 10, 1000].map((weight) => Math.max(...written(weight)));
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    expect(errors[2]).toBeGreaterThan(0.9);
  });
});

it("written in turn, the last edit has its value whatever came before; added up, it has not", () => {
  const edits = inputs.map((input) => ({ key: input.bareKey, edit: makeEdit(input, "rome", undefined) }));
  const { bareKey, delta } = inputs[n - 1]!;
  const off = (made: number[]) => Math.hypot(...made.map((x, row) => x - delta[row]!));
  expect(off(apply(writeInTurn(edits), bareKey))).toBeLessThan(1e-4);
  expect(
    off(
      apply(
        edits.map(({ edit }) => edit),
        bareKey,
      ),
    ),
  ).toBeGreaterThan(0.01);
});

describe("rome edits measure", () => {
  it("measures growing numbers of edits in each way", async () => {
    const { code, stdout } = await rome(
      "edits",
      "measure",
      "--count",
      "6",
      "--counts",
      "1,6",
      "--contexts",
      "3",
      "--json",
    );
    expect(code).toBe(0);
    const { rows, weight } = JSON.parse(stdout);
    expect(weight).toBe(1);
    expect(rows.map(({ count, way }: { count: number; way: string }) => `${count} ${way}`)).toEqual([
      "1 sum",
      "1 in turn",
      "1 batch",
      "6 sum",
      "6 in turn",
      "6 batch",
    ]);
    for (const { success, damage, neighbours, drift } of rows) {
      expect(success).toBe(1);
      expect(damage).toBeLessThan(0.1);
      expect(neighbours).toBe(200);
      expect(drift).toBeGreaterThanOrEqual(0);
    }
  });

  it("measures any model, of random weights, too", async () => {
    const args = ["edits", "measure", "Ben", "Anna", "--contexts", "none", "--steps", "2", "--out"];
    const place = join(await temporaryFolder(), "many");
    for (const name of ["odd-fp32", "gpt2-fp32"]) {
      const out = `${place}-${name}`;
      const model = fixturePath("checkpoints", name);
      expect((await rome("--model", model, ...args, `${out}.json`, "--out", `${out}.svg`)).code, name).toBe(0);
      const { rows, covarianceTokens } = JSON.parse(readFileSync(`${out}.json`, "utf8"));
      expect(rows).toHaveLength(6);
      expect(covarianceTokens).toBe(0);
      for (const { success, damage, drift } of rows) {
        expect(Math.min(success, damage, drift)).toBeGreaterThanOrEqual(0);
        expect(Math.max(success, damage)).toBeLessThanOrEqual(1);
      }
      expect(readFileSync(`${out}.svg`, "utf8")).toMatch(/^<svg .*<\/svg>\n$/s);
    }
  });

  it("refuses what cannot be measured", async () => {
    for (const [args, what] of [
      [["Ben", "--counts", "5"], /1 name is too few for 5 edits/],
      [["Ben", "--weight", "0"], /--weight takes a number above 0/],
      [["Ben", "--counts", "x"], /--counts takes a whole number/],
      [["Ben", "--out", "x.txt"], /must be one of \.json, \.html, \.svg/],
    ] as const)
      expect(await rome("edits", "measure", ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(what) });
  });
});
