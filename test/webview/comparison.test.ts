/** Two experiments in figures. */
import { expect, it } from "vitest";
import { rowsOf } from "../../src/webview/comparison/figures.ts";
import { report } from "./labSnapshots.ts";

it("shows the difference of the figures that are shown, not of those behind them", () => {
  const at = (cosineToMeanDifference: number, testAccuracy: number) => ({
    ...report,
    vector: { ...report.vector, cosineToMeanDifference },
    classifier: { ...report.classifier, testAccuracy },
  });
  const rows = rowsOf([at(0.9304, 0.9866), at(0.9216, 0.9774)]).map(({ values, difference }) => [
    ...values,
    difference,
  ]);
  expect(rows).toContainEqual(["0.930", "0.922", "−0.008"]);
  expect(rows).toContainEqual(["98.7\u202f%", "97.7\u202f%", "−1.0 points"]);
});
