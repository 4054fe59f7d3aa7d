import { describe, expect, it } from "vitest";
import {
  conceptVector,
  meanDifference,
  projection,
  randomSigns,
  scaledTo,
} from "../../../src/engine/experiment/vector.ts";
import { sigmoid } from "../../../src/engine/numerics/logisticRegression.ts";
import { Random } from "../../../src/engine/numerics/random.ts";
import { normal } from "../../support/syntheticExperiment.ts";

describe("conceptVector", () => {
  /** argmax of log σ(wᵀx + b) over the box, by projected gradient ascent from one start. */
  function search(weights: Float64Array, intercept: number, random: Random) {
    const score = (x: Float64Array) => weights.reduce((sum, w, i) => sum + w * x[i]!, intercept);
    let x = weights.map(() => 2 * random.uniform() - 1);
    for (let step = 0; step < 500; step++) {
      // Once the slope has nearly vanished, its direction is still right: keep the steps from vanishing with it.
      const slope = Math.max(1e-2, 1 - sigmoid(score(x)));
      x = x.map((value, i) => Math.min(1, Math.max(-1, value + slope * weights[i]!)));
    }
    return { x, score: score(x) };
  }

  it.each([3, 40, 256])("is where projected gradient ascent ends, in %i dimensions", (width) => {
    const random = new Random(width, "box");
    for (let trial = 0; trial < 5; trial++) {
      const weights = Float64Array.from({ length: width }, () => {
        const w = normal(random);
        return w + 0.5 * Math.sign(w);
      });
      const intercept = normal(random);
      const vector = conceptVector(weights);
      const best = weights.reduce((sum, w, i) => sum + w * vector[i]!, intercept);
      const found = search(weights, intercept, random);
      expect(Array.from(found.x)).toEqual(Array.from(vector));
      expect(best).toBeCloseTo(found.score, 8);
    }
  });

  it("beats every random point of the box", () => {
    const random = new Random(9);
    const weights = Float64Array.from({ length: 12 }, () => normal(random));
    const vector = conceptVector(weights);
    const value = (x: ArrayLike<number>) => weights.reduce((sum, w, i) => sum + w * x[i]!, 0);
    for (let trial = 0; trial < 10_000; trial++) {
      expect(value(weights.map(() => 2 * random.uniform() - 1))).toBeLessThan(value(vector));
    }
  });

  it("has length √d, also where a weight is zero", () => {
    expect(Math.hypot(...conceptVector([0, -2, 0.1, 0]))).toBe(2);
  });
});

describe("controls", () => {
  it("random signs differ between seeds, repeat for one, and are balanced", () => {
    expect(randomSigns(4000, 1)).toEqual(randomSigns(4000, 1));
    const agreement = randomSigns(4000, 1).reduce((sum, sign, i) => sum + sign * randomSigns(4000, 2)[i]!, 0);
    expect(Math.abs(agreement)).toBeLessThan(4 * Math.sqrt(4000));
    expect(Math.abs(randomSigns(4000, 3).reduce((sum, sign) => sum + sign, 0))).toBeLessThan(4 * Math.sqrt(4000));
    expect([...new Set(randomSigns(4000, 1))].sort()).toEqual([-1, 1]);
  });

  it("mean difference points from the first label to the second", () => {
    const records = [{ from: "a" }, { from: "b" }, { from: "a" }];
    expect(Array.from(meanDifference(records, [1, 10, 0, 4, 3, 20], "a"))).toEqual([2, 11]);
  });

  it("scales to a length and projects in the units of Δv", () => {
    expect(Array.from(scaledTo(Float32Array.of(3, 4), 10))).toEqual([6, 8]);
    expect(() => scaledTo(new Float32Array(2), 1)).toThrow(RangeError);
    expect(projection([3, 5], [0, -1])).toBe(-5);
    expect(projection([3, 1], [1, 1])).toBeCloseTo(4 / Math.SQRT2, 12);
  });
});
