import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { areaUnderCurve, balancedAccuracy, mcNemar } from "../../../src/engine/numerics/classification.ts";
import { fitDiscriminant } from "../../../src/engine/numerics/discriminant.ts";
import {
  balancedEstimate,
  clusteredEstimate,
  combined,
  type Estimate,
  type Interval,
  shareEstimate,
} from "../../../src/engine/numerics/intervals.ts";
import { logits } from "../../../src/engine/numerics/logisticRegression.ts";
import { Random } from "../../../src/engine/numerics/random.ts";
import {
  bootstrapInterval,
  equalGroups,
  permutationInterval,
  permutationP,
} from "../../../src/engine/numerics/resampling.ts";
import { rowsOf } from "../../../src/engine/numerics/rows.ts";
import { mean } from "../../../src/engine/numerics/statistics.ts";

const numbers = v.array(v.number());
const pair = v.tuple([v.number(), v.number()]);
/** By test/reference-analysis/referee.py. */
const reference = v.parse(
  v.object({
    discriminants: v.array(
      v.object({
        width: v.number(),
        rows: numbers,
        labels: numbers,
        weights: numbers,
        intercept: v.number(),
        auc: v.number(),
        rounded: numbers,
        balancedAccuracy: v.number(),
      }),
    ),
    mcNemar: v.array(v.object({ first: v.number(), second: v.number(), p: v.number() })),
    wilson: v.array(v.object({ hits: v.number(), count: v.number(), interval: pair })),
    clustered: v.array(v.object({ sizes: numbers, hits: numbers, interval: pair })),
    two: v.array(v.object({ first: pair, second: pair, difference: pair, mean: pair })),
    shares: v.array(v.object({ hits: v.number(), count: v.number(), interval: pair })),
  }),
  JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/analysis/referee.json"), "utf8")),
);

function close(found: Interval, known: Interval): void {
  expect(found[0]).toBeCloseTo(known[0], 9);
  expect(found[1]).toBeCloseTo(known[1], 9);
}

describe("statistics of the referee, as scikit-learn, scipy and statsmodels have them", () => {
  it.each(reference.discriminants)("linear discriminant with Ledoit and Wolf's shrinkage, width $width", (known) => {
    const rows = rowsOf(known.rows, known.width);
    const model = fitDiscriminant(rows, known.labels);
    model.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(known.weights[i] as number, 7);
    });
    expect(model.intercept).toBeCloseTo(known.intercept, 7);
    const predicted = Array.from(logits(model, rows), (score) => (score > 0 ? 1 : 0));
    expect(balancedAccuracy(predicted, known.labels)).toBeCloseTo(known.balancedAccuracy, 12);
  });

  it.each(reference.discriminants)("area under the curve with ties, width $width", ({ rounded, labels, auc }) => {
    expect(areaUnderCurve(rounded, labels)).toBeCloseTo(auc, 12);
  });

  it.each(reference.mcNemar)("McNemar's exact p of $first and $second", ({ first, second, p }) => {
    expect(mcNemar(first, second)).toBeCloseTo(p, 10);
  });

  it.each(reference.wilson)("interval of $hits of $count", ({ hits, count, interval }) => {
    const found = shareEstimate(Array.from({ length: count }, (_, i) => i < hits));
    expect(found.value).toBe(hits / count);
    close(found.interval, interval);
  });

  it.each(reference.clustered)("interval of $hits of $sizes in clusters", ({ sizes, hits, interval }) => {
    const clusters = sizes.map((size, i) => Array.from({ length: size }, (_, j) => j < (hits[i] as number)));
    close(clusteredEstimate(clusters).interval, interval);
  });

  it.each(reference.two)("interval of the difference and the mean of $first and $second", (known) => {
    const [first, second] = [known.first, known.second].map(([hits, count]) =>
      shareEstimate(Array.from({ length: count }, (_, i) => i < hits)),
    ) as [Estimate, Estimate];
    close(
      combined([
        { ...first, weight: 1 },
        { ...second, weight: -1 },
      ]).interval,
      known.difference,
    );
    const labels = [...Array(known.first[1]).fill(0), ...Array(known.second[1]).fill(1)];
    const predicted = [known.first, known.second].flatMap(([hits, count], label) =>
      Array.from({ length: count }, (_, i) => (i < hits ? label : 1 - label)),
    );
    close(balancedEstimate(predicted, labels).interval, known.mean);
  });

  it.each(reference.shares)("bootstrap interval of $hits of $count", ({ hits, count, interval }) => {
    const share = (positions: readonly number[]) => mean(positions.map((position) => (position < hits ? 1 : 0)));
    const [low, high] = bootstrapInterval(count, share, new Random(1), 4000);
    expect(low).toBeCloseTo(interval[0], 1);
    expect(Math.abs(low - interval[0])).toBeLessThan(0.02);
    expect(Math.abs(high - interval[1])).toBeLessThan(0.02);
  });
});

describe("resampling", () => {
  it("gives an interval where all agree, and none that is a point", () => {
    const [low, high] = shareEstimate(Array(50).fill(true)).interval;
    expect(high).toBe(1);
    expect(low).toBeCloseTo(0.929, 2);
    // Twenty vectors that turn none of ten names each say less than two hundred names would.
    const none = clusteredEstimate(Array(20).fill(Array(10).fill(false)));
    expect(none).toEqual({ value: 0, interval: [0, shareEstimate(Array(20).fill(false)).interval[1]] });
    expect(none.interval[1]).toBeGreaterThan(0.1);
  });

  it("covers the mean of a normal sample about as often as it says", () => {
    const random = new Random(3, "coverage");
    const hits = Array.from({ length: 200 }, () => {
      const sample = Array.from({ length: 60 }, () => random.uniform());
      const share = (positions: readonly number[]) => mean(positions.map((i) => sample[i] as number));
      const [low, high] = bootstrapInterval(sample.length, share, random, 200);
      return low <= 0.5 && 0.5 <= high;
    });
    expect(mean(hits.map(Number))).toBeGreaterThan(0.88);
  });

  it("counts the observed among the shuffles", () => {
    expect(permutationP(0.9, [0.1, 0.5, 0.95])).toBe(0.5);
    expect(permutationP(2, Array(999).fill(1))).toBe(0.001);
    // So few shuffles that none as large says little.
    expect(permutationInterval(2, Array(20).fill(1))[1]).toBeGreaterThan(0.1);
    expect(permutationInterval(2, Array(1000).fill(1))[1]).toBeLessThan(0.01);
  });

  it("draws as many of each label", () => {
    const labels = [..."aaaaaaaabbb"];
    const drawn = equalGroups(labels, new Random(2));
    expect(drawn).toHaveLength(6);
    expect(drawn.filter((position) => labels[position] === "b")).toHaveLength(3);
    expect(equalGroups(labels, new Random(2), 2)).toHaveLength(4);
    expect(equalGroups(labels, new Random(2))).toEqual(drawn);
    expect(equalGroups(labels, new Random(5))).not.toEqual(drawn);
  });
});
