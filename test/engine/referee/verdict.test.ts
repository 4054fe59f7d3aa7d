import { describe, expect, it } from "vitest";
import { Random } from "../../../src/engine/numerics/random.ts";
import { worst } from "../../../src/engine/referee/rates.ts";
import { atLeast, atMost, checked, figure, unlessControl } from "../../../src/engine/referee/verdict.ts";
import { say } from "../../../src/protocol/phrase.ts";

const words = { id: "newNames", claim: say`It works.`, threshold: say`at least ${0.9}` } as const;
const of = (value: number, low: number, high: number) =>
  figure(say`rate`, { value, interval: [low, high] }, atLeast(0.9));

describe("the verdict of a check", () => {
  it("holds where every interval keeps its bound", () => {
    expect(checked({ ...words, figures: [of(0.99, 0.95, 1), figure(say`by the way`, { value: 0.1 })] }).verdict).toBe(
      "holds",
    );
  });

  it("fails where one interval misses its bound", () => {
    expect(checked({ ...words, figures: [of(0.99, 0.95, 1), of(0.5, 0.4, 0.6)] }).verdict).toBe("fails");
  });

  it("is undecided where an interval holds the bound, or nothing was asked", () => {
    expect(checked({ ...words, figures: [of(0.92, 0.85, 0.97)] }).verdict).toBe("undecided");
    expect(checked({ ...words, figures: [] }).verdict).toBe("undecided");
  });

  it("cannot fail by what any push does", () => {
    const missed = figure(say`turns`, { value: 0.41, interval: [0.32, 0.51] }, atMost(0.1));
    expect(unlessControl(missed, { value: 0, interval: [0, 0.05] }).verdict).toBe("fails");
    expect(unlessControl(missed, { value: 0.5, interval: [0.46, 0.54] }).verdict).toBe("undecided");
    const kept = figure(say`turns`, { value: 0, interval: [0, 0.04] }, atMost(0.1));
    expect(unlessControl(kept, { value: 0.5, interval: [0.46, 0.54] }).verdict).toBe("holds");
  });

  it("takes an upper bound the other way round", () => {
    expect(figure(say`p`, { value: 0.001, unit: "number" }, atMost(0.01)).verdict).toBe("holds");
    expect(figure(say`p`, { value: 0.2, unit: "number" }, atMost(0.01)).verdict).toBe("fails");
  });
});

it("says of four rates that are as good as is wanted seldom that their worst is not", () => {
  const random = new Random(0, "four rates");
  const hits = () => Array.from({ length: 50 }, () => random.uniform() < 0.9);
  const failed = Array.from({ length: 2000 }, () => {
    const four = { plusChanged: hits(), plusStayed: hits(), minusChanged: hits(), minusStayed: hits() };
    return figure(say`worst`, worst(four), atLeast(0.9)).verdict === "fails";
  });
  // At one rate's own level it would be 9.5 %.
  expect(failed.filter(Boolean).length / failed.length).toBeLessThan(0.05);
});
