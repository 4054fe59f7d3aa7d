import { chooseRegularization } from "../numerics/crossValidation.ts";
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

/**
 * A training of the classifier for an accuracy. C is chosen by the first part that it is given and kept for those that
 * follow: what suits all edits can be too strong for a few, or for labels that say nothing.
 *
 * @param usual C of the whole training part, for a part too small to be divided
 */
function trainer(usual: number, random: Random): (rows: Rows, labels: readonly number[]) => LinearModel {
  let C: number | undefined;
  return (rows, labels) => {
    const ones = labels.filter((label) => label === 1).length;
    C ??= Math.min(ones, labels.length - ones) < 2 ? usual : chooseRegularization(rows, labels, random).C;
    return fitLogisticRegression(rows, labels, { C, tolerance: 1e-2 });
  };
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
    const trained = trainer(C, new Random(seed, `regularisation ${train}`));
    const shares = Array.from({ length: repeats }, (_, draw) => {
      const random = new Random(seed, `learning curve ${train} ${draw}`);
      const order = stratifiedOrder(at(labels, split.train), random).slice(0, train);
      const part = at(split.train, order);
      return testAccuracy(trained(takeRows(rows, part), at(labels, part)), task);
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
  const trained = trainer(C, new Random(seed, "regularisation shuffled"));
  const train = takeRows(rows, split.train);
  const shares = Array.from({ length: shuffles }, (_, shuffle) => {
    const random = new Random(seed, `shuffled labels ${shuffle}`);
    const mixed = [...labels];
    for (const part of [split.train, split.test]) {
      random.shuffled(part).forEach((source, place) => {
        mixed[part[place]!] = labels[source]!;
      });
    }
    return testAccuracy(trained(train, at(mixed, split.train)), { ...task, labels: mixed });
  }).sort((a, b) => a - b);
  return { mean: mean(shares), low: quantile(shares, 0.025), high: quantile(shares, 0.975), shuffles };
}

function at<T>(values: readonly T[], positions: readonly number[]): T[] {
  return positions.map((position) => values[position]!);
}
