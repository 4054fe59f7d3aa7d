import { accuracy, fitLogisticRegression, type LinearModel } from "../numerics/logisticRegression.ts";
import { Random } from "../numerics/random.ts";
import { type Rows, takeRows } from "../numerics/rows.ts";
import { type Split, stratifiedOrder } from "../numerics/split.ts";
import { mean, quantile } from "../numerics/statistics.ts";

/** Rows with their labels (0 or 1), already split. */
export interface Task {
  readonly rows: Rows;
  readonly labels: readonly number[];
  readonly split: Split;
  readonly seed: number;
}

/** The classifier trained on some training positions, for an accuracy. */
function trained(rows: Rows, labels: readonly number[], positions: readonly number[], C: number): LinearModel {
  return fitLogisticRegression(takeRows(rows, positions), at(labels, positions), { C, tolerance: 1e-2 });
}

/** Share of the test part that a model gets right. */
export function testAccuracy(model: LinearModel, { rows, labels, split }: Task): number {
  return accuracy(model, takeRows(rows, split.test), at(labels, split.test));
}

/** Sizes of the training part: 20, 50, 100, 200, 500, … below `largest`, then `largest` itself. */
export function curveSizes(largest: number): number[] {
  const sizes: number[] = [];
  for (let decade = 10; decade < largest; decade *= 10) {
    sizes.push(...[1, 2, 5].map((step) => step * decade).filter((size) => size >= 20 && size < largest));
  }
  return [...sizes, largest];
}

/**
 * Test accuracy by number of training edits: mean and range over `draws` stratified draws from the training part (one
 * where all of it is used), always on the same test part.
 */
export function learningCurve(task: Task, C: number, draws = 10) {
  const { rows, labels, split, seed } = task;
  return curveSizes(split.train.length).map((train) => {
    const repeats = train === split.train.length ? 1 : draws;
    const shares = Array.from({ length: repeats }, (_, draw) => {
      const random = new Random(seed, `learning curve ${train} ${draw}`);
      const order = stratifiedOrder(at(labels, split.train), random).slice(0, train);
      return testAccuracy(trained(rows, labels, at(split.train, order), C), task);
    });
    return { train, accuracy: mean(shares), low: Math.min(...shares), high: Math.max(...shares) };
  });
}

/**
 * Control: the same training on labels shuffled within the training part and within the test part, so that there is
 * nothing to learn and the accuracy must be at chance. Mean and the range that holds 95 % of the shuffles.
 */
export function shuffledLabels(task: Task, C: number, shuffles = 50) {
  const { rows, labels, split, seed } = task;
  const shares = Array.from({ length: shuffles }, (_, shuffle) => {
    const random = new Random(seed, `shuffled labels ${shuffle}`);
    const mixed = [...labels];
    for (const part of [split.train, split.test]) {
      random.shuffled(part).forEach((source, place) => {
        mixed[part[place]!] = labels[source]!;
      });
    }
    return testAccuracy(trained(rows, mixed, split.train, C), { ...task, labels: mixed });
  }).sort((a, b) => a - b);
  return { mean: mean(shares), low: quantile(shares, 0.025), high: quantile(shares, 0.975), shuffles };
}

function at<T>(values: readonly T[], positions: readonly number[]): T[] {
  return positions.map((position) => values[position]!);
}
