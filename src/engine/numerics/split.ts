import type { Random } from "./random.ts";

/** Positions of two disjoint parts, each in ascending order. */
export interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/**
 * Splits positions 0 … n−1 so that every label keeps its share in both parts.
 * @param labels one a position
 * @param trainShare in (0, 1); of each label round(count · trainShare) go to `train`, at least one to each part where
 *   the label occurs twice or more
 */
export function stratifiedSplit(labels: ArrayLike<string | number>, trainShare: number, random: Random): Split {
  const train: number[] = [];
  const test: number[] = [];
  for (const positions of byLabel(labels)) {
    const mixed = random.shuffled(positions);
    const wanted = Math.round(mixed.length * trainShare);
    const count = mixed.length < 2 ? wanted : Math.min(Math.max(wanted, 1), mixed.length - 1);
    train.push(...mixed.slice(0, count));
    test.push(...mixed.slice(count));
  }
  return { train: train.sort(ascending), test: test.sort(ascending) };
}

/** `count` disjoint parts of the positions, each label dealt out evenly: the test parts of k-fold cross-validation. */
export function stratifiedFolds(labels: ArrayLike<string | number>, count: number, random: Random): number[][] {
  const folds = Array.from({ length: count }, (): number[] => []);
  let next = 0;
  for (const positions of byLabel(labels)) {
    for (const position of random.shuffled(positions)) folds[next++ % count]!.push(position);
  }
  return folds.map((fold) => fold.sort(ascending));
}

/** An order of the positions in which every beginning holds the labels in (nearly) their shares of the whole. */
export function stratifiedOrder(labels: ArrayLike<string | number>, random: Random): number[] {
  return byLabel(labels)
    .flatMap((positions) =>
      random.shuffled(positions).map((position, rank) => ({ position, place: (rank + 0.5) / positions.length })),
    )
    .sort((a, b) => a.place - b.place || a.position - b.position)
    .map(({ position }) => position);
}

/** Positions of each label, labels in the order of their first appearance. */
function byLabel(labels: ArrayLike<string | number>): number[][] {
  const groups = new Map<string | number, number[]>();
  for (let position = 0; position < labels.length; position++) {
    const label = labels[position]!;
    const group = groups.get(label);
    if (group) group.push(position);
    else groups.set(label, [position]);
  }
  return [...groups.values()];
}

const ascending = (a: number, b: number) => a - b;
