import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { chooseRegularization } from "../../../src/engine/numerics/crossValidation.ts";
import { accuracy, fitLogisticRegression } from "../../../src/engine/numerics/logisticRegression.ts";
import { principalAxes } from "../../../src/engine/numerics/pca.ts";
import { Random } from "../../../src/engine/numerics/random.ts";
import { dot, type Rows, rowAt, rowsOf } from "../../../src/engine/numerics/rows.ts";
import { wilsonInterval } from "../../../src/engine/numerics/statistics.ts";
import { normal } from "../../support/syntheticExperiment.ts";

const numbers = v.array(v.number());
const reference = v.parse(
  v.object({
    data: v.array(
      v.object({
        name: v.string(),
        width: v.number(),
        rows: numbers,
        labels: numbers,
        logistic: v.array(
          v.object({
            C: v.number(),
            weights: numbers,
            intercept: v.number(),
            accuracy: v.number(),
            logLoss: v.number(),
          }),
        ),
        pca: v.object({ coordinates: numbers, explainedVariance: numbers }),
      }),
    ),
    wilson: v.array(
      v.object({ successes: v.number(), total: v.number(), interval: v.tuple([v.number(), v.number()]) }),
    ),
  }),
  JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/analysis/reference.json"), "utf8")),
);

/** Largest difference of two lists, relative to the largest entry of the second. */
function relativeDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  const size = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value))) / size;
}

/** Objective and its gradient's length, straight from the definition. */
function objective({ data, width, count }: Rows, labels: readonly number[], C: number, w: number[], b: number) {
  let value = w.reduce((sum, x) => sum + x * x, 0) / 2;
  const gradient = [...w, 0];
  for (let row = 0; row < count; row++) {
    let score = b;
    for (let i = 0; i < width; i++) score += w[i]! * data[row * width + i]!;
    const side = labels[row] === 1 ? 1 : -1;
    value += C * Math.log1p(Math.exp(-side * score));
    const slope = (-C * side) / (1 + Math.exp(side * score));
    for (let i = 0; i < width; i++) gradient[i]! += slope * data[row * width + i]!;
    gradient[width]! += slope;
  }
  return { value, slope: Math.hypot(...gradient) };
}

describe.each(reference.data)("logistic regression on $name data", ({ width, rows: data, labels, logistic }) => {
  const rows = rowsOf(data, width);

  it.each(logistic)("has scikit-learn's coefficients at C = $C", ({ C, weights, intercept, accuracy: share }) => {
    const model = fitLogisticRegression(rows, labels, { C });
    expect(relativeDifference(model.weights, weights)).toBeLessThan(1e-3);
    expect(Math.abs(model.intercept - intercept)).toBeLessThan(1e-3 * Math.max(1, Math.abs(intercept)));
    expect(accuracy(model, rows, labels)).toBeCloseTo(share, 10);
  });

  it("stands at the objective's minimum", () => {
    const random = new Random(3);
    for (const { C } of logistic) {
      const { weights, intercept } = fitLogisticRegression(rows, labels, { C });
      const w = Array.from(weights);
      const found = objective(rows, labels, C, w, intercept);
      for (let trial = 0; trial < 20; trial++) {
        const moved = w.map((x) => x + 1e-3 * normal(random));
        const there = objective(rows, labels, C, moved, intercept + 1e-3 * normal(random));
        expect(there.value).toBeGreaterThan(found.value);
      }
      expect(found.slope).toBeLessThan(
        1e-4 *
          objective(
            rows,
            labels,
            C,
            w.map(() => 0),
            0,
          ).slope,
      );
    }
  });

  it("has the same solution along the principal axes, lifted", () => {
    const axes = principalAxes(rows);
    for (const { C, weights, intercept } of logistic) {
      const short = fitLogisticRegression(axes.coordinates, labels, { C });
      const lifted = axes.lift(short.weights);
      expect(relativeDifference(lifted, weights)).toBeLessThan(1e-3);
      expect(short.intercept - dot(lifted, axes.mean)).toBeCloseTo(intercept, 2);
    }
  });

  it("reaches the same solution from another start", () => {
    const [weak, , strong] = logistic.map(({ C }) => fitLogisticRegression(rows, labels, { C }));
    const warm = fitLogisticRegression(rows, labels, { C: logistic[2]!.C, start: weak });
    expect(relativeDifference(warm.weights, Array.from(strong!.weights))).toBeLessThan(1e-6);
  });
});

it("logistic regression refuses labels of one kind only", () => {
  expect(() => fitLogisticRegression(rowsOf([1, 2, 3], 1), [1, 1, 1], { C: 1 })).toThrow(RangeError);
});

describe.each(reference.data)("principal axes of $name data", ({ width, rows: data, pca }) => {
  const rows = rowsOf(data, width);
  const axes = principalAxes(rows);

  it("are scikit-learn's, up to the sign", () => {
    const { coordinates } = axes;
    for (let axis = 0; axis < 3; axis++) {
      const expected = Array.from({ length: rows.count }, (_, row) => pca.coordinates[row * 3 + axis]!);
      const actual = expected.map((_, row) => rowAt(coordinates, row)[axis]!);
      const sign = Math.sign(actual.reduce((sum, value, row) => sum + value * expected[row]!, 0));
      expect(
        relativeDifference(
          actual,
          expected.map((value) => sign * value),
        ),
      ).toBeLessThan(1e-6);
      expect(Math.max(...actual)).toBeGreaterThanOrEqual(-Math.min(...actual));
      expect(axes.explainedVariance[axis]).toBeCloseTo(pca.explainedVariance[axis]!, 8);
    }
  });

  it("keep all inner products of the centred rows", () => {
    const { coordinates, mean } = axes;
    expect(coordinates.width).toBeLessThanOrEqual(Math.min(rows.count, rows.width));
    const centred = (row: number) => rowAt(rows, row).map((value, i) => value - mean[i]!);
    for (const [a, b] of [
      [0, 0],
      [0, 1],
      [3, 7],
      [rows.count - 1, 2],
    ] as const) {
      expect(dot(rowAt(coordinates, a), rowAt(coordinates, b))).toBeCloseTo(dot(centred(a), centred(b)), 6);
    }
    expect(axes.explainedVariance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
  });
});

it("principal axes of rows without variance are none", () => {
  const { coordinates, explainedVariance } = principalAxes(rowsOf([1, 2, 1, 2, 1, 2], 2));
  expect(coordinates.width).toBe(0);
  expect(explainedVariance).toEqual([]);
});

it.each(reference.wilson)("Wilson interval of $successes of $total is scipy's", ({ successes, total, interval }) => {
  const [low, high] = wilsonInterval(successes, total);
  expect(low).toBeCloseTo(interval[0], 9);
  expect(high).toBeCloseTo(interval[1], 9);
});

describe("chooseRegularization", () => {
  const random = new Random(11);
  const labels = Array.from({ length: 200 }, (_, row) => row % 2);

  it("prefers the strongest regularisation where all are right", () => {
    const rows = rowsOf(
      labels.flatMap((label) => [label * 10 + normal(random), normal(random)]),
      2,
    );
    expect(chooseRegularization(rows, labels, new Random(1)).C).toBe(1e-4);
  });

  it("takes a weak one where the direction that tells is a short one", () => {
    const rows = rowsOf(
      labels.flatMap((label) => [30 * normal(random), 0.02 * (label - 0.5) + 0.002 * normal(random)]),
      2,
    );
    const { C, tried } = chooseRegularization(rows, labels, new Random(1));
    expect(C).toBeGreaterThan(1);
    expect(tried[0]!.accuracy).toBeLessThan(0.8);
    expect(tried.find((candidate) => candidate.C === C)!.accuracy).toBeGreaterThan(0.95);
  });
});
