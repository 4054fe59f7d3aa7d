import { fitLogisticRegression, type LinearModel } from "../numerics/logisticRegression.ts";
import { principalAxes } from "../numerics/pca.ts";
import { dot, type Rows } from "../numerics/rows.ts";
import { both } from "./constructions.ts";
import type { Push } from "./scene.ts";

/** The classifier of the analysis with the strength that was chosen there, on other rows [n, d]. */
export function learn(rows: Rows, labels: readonly number[], C: number): LinearModel {
  const axes = principalAxes(rows);
  const { weights: onAxes, intercept } = fitLogisticRegression(axes.coordinates, labels, { C, tolerance: 1e-3 });
  const weights = axes.lift(onAxes);
  return { weights, intercept: intercept - dot(weights, axes.mean) };
}

/** sign(w) of that classifier: the essay's vector, found in other rows. */
export function learnSign(rows: Rows, labels: readonly number[], C: number): Push {
  return both(learn(rows, labels, C).weights.map((weight) => (weight < 0 ? -1 : 1)));
}
