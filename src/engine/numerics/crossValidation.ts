import { accuracy, fitLogisticRegression, type LinearModel } from "./logisticRegression.ts";
import type { Random } from "./random.ts";
import { type Rows, takeRows } from "./rows.ts";
import { stratifiedFolds } from "./split.ts";
import { deviation, mean } from "./statistics.ts";

/** Values of C that are tried, strongest regularisation first: decades around scikit-learn's default of 1. */
const candidates = [1e-4, 1e-3, 1e-2, 1e-1, 1, 1e1, 1e2];

/** Mean over the folds for one value of C. */
export interface Candidate {
  readonly C: number;
  readonly accuracy: number;
  readonly standardError: number;
}

/**
 * The strength of the regularisation, by stratified k-fold cross-validation (k = 5, or less where a label is rarer):
 * of the values whose mean accuracy lies within one standard error of the best, the strongest regularisation (the
 * one-standard-error rule of Breiman et al. 1984).
 * @param rows the training part, and nothing else
 * @param labels 0 or 1, one a row, each at least twice
 */
export function chooseRegularization(rows: Rows, labels: readonly number[], random: Random) {
  const ones = labels.filter((label) => label === 1).length;
  const folds = stratifiedFolds(labels, Math.min(5, ones, labels.length - ones), random);
  const parts = folds.map((held) => {
    const isHeld = new Set(held);
    const kept = labels.map((_, position) => position).filter((position) => !isHeld.has(position));
    const part = (positions: number[]) => ({
      rows: takeRows(rows, positions),
      labels: positions.map((position) => labels[position]!),
    });
    return { held: part(held), kept: part(kept), model: undefined as LinearModel | undefined };
  });
  const tried = candidates.map((C): Candidate => {
    const shares = parts.map((part) => {
      part.model = fitLogisticRegression(part.kept.rows, part.kept.labels, { C, tolerance: 1e-2, start: part.model });
      return accuracy(part.model, part.held.rows, part.held.labels);
    });
    return { C, accuracy: mean(shares), standardError: standardError(shares) };
  });
  const best = tried.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const chosen = tried.find(({ accuracy }) => accuracy >= best.accuracy - best.standardError - 1e-12) ?? best;
  return { C: chosen.C, tried };
}

/** Standard error of the mean of these values. */
function standardError(values: readonly number[]): number {
  return deviation(values) / Math.sqrt(values.length - 1);
}
