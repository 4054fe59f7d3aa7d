import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { analyze } from "../../../src/engine/experiment/analyze.ts";
import type { AnalyzeInput } from "../../../src/engine/experiment/analyzeInput.ts";
import { curveSizes, learningCurve } from "../../../src/engine/experiment/controls.ts";
import { bestScale, furtherScale } from "../../../src/engine/experiment/transfer.ts";
import { Random } from "../../../src/engine/numerics/random.ts";
import { stratifiedFolds, stratifiedOrder, stratifiedSplit } from "../../../src/engine/numerics/split.ts";
import { RomeError } from "../../../src/protocol/errors.ts";
import { report as reportSchema, type TransferRow } from "../../../src/protocol/results.ts";
import { syntheticExperiment } from "../../support/syntheticExperiment.ts";

describe("the controls choose their regularisation themselves", () => {
  // 60 edits of the one direction to 40 of the other, apart by a step so short that the strongest regularisation sees none.
  const of = (count: number, ones: number) => {
    const labels = Array.from({ length: count }, (_, i) => (i % count < ones ? 1 : 0));
    const random = new Random(1, "noise");
    const data = Float64Array.from(labels.flatMap((label) => [(2 * label - 1) * 0.5, 0.1 * random.uniform()]));
    return {
      rows: { data, count, width: 2 },
      labels,
      split: stratifiedSplit(labels, 0.7, new Random(2, "split")),
      seed: 3,
    };
  };

  it("so that few edits of unequal directions are told apart", () => {
    const curve = learningCurve(of(200, 120), 1e-4);
    expect(curve.map(({ accuracy }) => accuracy)).toEqual([1, 1, 1, 1]);
  });

  it("and take the usual one where a part has a single edit of a direction", () => {
    expect(learningCurve(of(400, 20), 1).map(({ train }) => train)).toEqual([20, 50, 100, 200, 280]);
  });
});

describe("analyze, where the directions are told apart by Δv", () => {
  const input = syntheticExperiment();
  const { report, classifier } = analyze(input);

  it("gives a report of the documented shape, which JSON keeps", () => {
    expect(v.parse(reportSchema, JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.concept).toEqual({ name: "size", prompt: "Animal: {}. Size:", labels: ["small", "big"] });
    expect(report).toMatchObject({ model: input.manifest.model, layer: 3, seed: 4, transfer: [] });
    expect(report.vector.scale).toBeNull();
  });

  it("reports what was recorded", () => {
    expect(report.recorded).toMatchObject({ total: 200, flipped: 199, failures: ["Animal 7"] });
    expect(report.recorded.unexpected.map(({ name }) => name)).toEqual(["Animal 5"]);
    const evaluations = input.records.map(({ losses }) => losses.length);
    expect(report.recorded.meanEvaluations).toBeCloseTo(evaluations.reduce((a, b) => a + b) / 200, 12);
    expect(report.points.map(({ name }) => name)).toEqual(input.records.map(({ name }) => name));
  });

  it("splits 70/30, tests only on the test part, and finds no mistake", () => {
    expect(report.split).toEqual({ train: 140, test: 60 });
    expect(report.points.filter(({ split }) => split === "test")).toHaveLength(60);
    expect(report.classifier.testAccuracy).toBe(1);
    expect(report.classifier.interval95[0]).toBeGreaterThan(0.9);
    expect(report.classifier.learningCurve.map(({ train }) => train)).toEqual([20, 50, 100, 140]);
    expect(report.classifier.onValues?.testAccuracy).toBe(1);
  });

  it("finds nothing in shuffled labels", () => {
    const { mean, low, high } = report.classifier.shuffledLabels;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
  });

  it("points the vector from the first label to the second", () => {
    const alike = classifier.vector.filter((sign, i) => sign === Math.sign(input.direction[i]!)).length;
    expect(alike).toBeGreaterThan(20);
    expect(report.vector.norm).toBeCloseTo(Math.sqrt(24), 12);
    expect(report.vector.cosineToMeanDifference).toBeGreaterThan(0.7);
    for (const { from, score, projection } of report.points) {
      expect(score > 0).toBe(from === "small");
      expect(projection > 0).toBe(from === "small");
    }
  });

  it("scores and projections are those of the classifier and the vector", () => {
    const { weights, intercept, vector } = classifier;
    for (const row of [0, 17, 199]) {
      const delta = input.deltas.subarray(row * 24, (row + 1) * 24);
      const along = (x: readonly number[]) => x.reduce((sum, value, i) => sum + value * delta[i]!, 0);
      expect(report.points[row]?.score).toBeCloseTo(along(weights) + intercept, 8);
      expect(report.points[row]?.projection).toBeCloseTo(along(vector) / Math.sqrt(24), 8);
    }
    expect(vector).toEqual(weights.map((weight) => (weight < 0 ? -1 : 1)));
  });

  it("is the same for the same seed, and another for another", () => {
    const again = analyze(syntheticExperiment());
    expect(JSON.stringify(again)).toBe(JSON.stringify({ report, classifier }));
    const other = analyze({ ...input, seed: 5 }).report;
    expect(other.points.map(({ split }) => split)).not.toEqual(report.points.map(({ split }) => split));
  });

  it("does without values", () => {
    expect(analyze({ ...input, values: undefined }).report.classifier.onValues).toBeNull();
    expect(analyze({ ...input, values: new Float32Array(0) }).report.classifier.onValues).toBeNull();
  });
});

it("analyze finds nothing where there is nothing to find", () => {
  const { classifier } = analyze(syntheticExperiment({ separation: 0, count: 400 })).report;
  expect(classifier.testAccuracy).toBeGreaterThan(0.35);
  expect(classifier.testAccuracy).toBeLessThan(0.65);
});

it("analyze works on Δv's wider than they are many, and on very few", () => {
  const wide = analyze(syntheticExperiment({ count: 60, width: 300, separation: 1 }));
  expect(wide.classifier.weights).toHaveLength(300);
  expect(wide.report.classifier.testAccuracy).toBe(1);
  const few = analyze(syntheticExperiment({ count: 12, width: 6 }));
  expect(few.report.split.train + few.report.split.test).toBe(12);
});

describe("analyze refuses", () => {
  const input = syntheticExperiment({ count: 40, width: 5 });
  const refused = (change: Partial<AnalyzeInput>) => {
    try {
      analyze({ ...input, ...change });
    } catch (error) {
      if (error instanceof RomeError) return `${error.reason}: ${error.message}`;
      throw error;
    }
    return "nothing";
  };

  it.each([
    [
      "edits in one direction only",
      { records: input.records.map((r) => ({ ...r, from: "big" })) },
      /^input: .* 0 edits small→big/,
    ],
    [
      "labels of another experiment",
      { records: input.records.map((r) => ({ ...r, from: "male" })) },
      /^data: .*"male".*"small"/,
    ],
    ["rows that do not fit the records", { deltas: input.deltas.subarray(1) }, /^data: .*40 records/],
    ["no rows", { deltas: new Float32Array(0) }, /^data: .*40 records/],
    [
      "numbers that are none",
      { deltas: input.deltas.map((x, i) => (i === 17 ? Number.NaN : x)) },
      /^data: Δv of "Animal 3"/,
    ],
    ["values that are none", { values: input.deltas.map((x, i) => (i === 5 ? 1 / 0 : x)) }, /^data: v of "Animal 1"/],
    ["no records", { records: [], deltas: new Float32Array(0) }, /^input: /],
  ] as const)("%s", (_, change, message) => {
    expect(refused(change)).toMatch(message);
  });
});

describe("splits", () => {
  const labels = Array.from({ length: 103 }, (_, i) => (i % 4 === 0 ? "b" : "a"));
  const share = (positions: readonly number[]) =>
    positions.filter((position) => labels[position] === "b").length / positions.length;

  it("keep the labels' shares, lose none and repeat none", () => {
    const { train, test } = stratifiedSplit(labels, 0.7, new Random(1));
    expect([...train, ...test].sort((a, b) => a - b)).toEqual([...labels.keys()]);
    expect(share(train)).toBeCloseTo(share([...labels.keys()]), 2);
    const folds = stratifiedFolds(labels, 5, new Random(1));
    expect(folds.flat().sort((a, b) => a - b)).toEqual([...labels.keys()]);
    for (const fold of folds) expect(Math.abs(share(fold) - 0.25)).toBeLessThan(0.06);
  });

  it("an order holds both labels in their shares from the beginning on", () => {
    const order = stratifiedOrder(labels, new Random(2));
    expect([...order].sort((a, b) => a - b)).toEqual([...labels.keys()]);
    for (const size of [20, 50, 80]) expect(Math.abs(share(order.slice(0, size)) - 0.25)).toBeLessThan(0.06);
  });

  it("give the smallest group to both parts", () => {
    const { train, test } = stratifiedSplit(["a", "a", "b", "b"], 0.9, new Random(1));
    expect([train.length, test.length]).toEqual([2, 2]);
  });
});

it("curve sizes go 20, 50, 100 … and end with all", () => {
  expect(curveSizes(700)).toEqual([20, 50, 100, 200, 500, 700]);
  expect(curveSizes(100)).toEqual([20, 50, 100]);
  expect(curveSizes(9)).toEqual([9]);
});

describe("scales", () => {
  const row = (scale: number, worst: number, vector: TransferRow["vector"] = "concept"): TransferRow => {
    const full = { count: 100, total: 100 };
    const plus = { changed: full, stayed: { count: worst, total: 100 } };
    return { vector, scale, plus, minus: { changed: full, stayed: full }, failures: [] };
  };

  it("the best is the one whose worst rate is best, the least of equals", () => {
    expect(bestScale([row(0.25, 80), row(1.5, 97), row(0.5, 97), row(1, 99, "random"), row(3, 90)])).toBe(0.5);
    expect(bestScale([row(1, 90, "meanDifference")])).toBeNull();
  });

  it("longer ones are tried where the longest is the best and misses names, up to an end", () => {
    expect(furtherScale([row(1, 80), row(2, 90)], 4.4875)).toBe(3);
    expect(furtherScale([row(2, 90), row(3, 95)], 4.4875)).toBe(4.49);
    expect(furtherScale([row(3, 90), row(4.49, 95)], 4.4875)).toBeUndefined();
    expect(furtherScale([row(1, 95), row(2, 90)], 4.4875)).toBeUndefined();
    expect(furtherScale([row(1, 90), row(2, 100)], 4.4875)).toBeUndefined();
    expect(furtherScale([row(1, 90), row(2, 95)], 1.02)).toBeUndefined();
  });
});
