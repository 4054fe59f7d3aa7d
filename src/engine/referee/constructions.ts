import type { ConstructionName } from "../../protocol/referee.ts";
import { fitDiscriminant } from "../numerics/discriminant.ts";
import { principalAxes } from "../numerics/pca.ts";
import type { Random } from "../numerics/random.ts";
import { equalGroups } from "../numerics/resampling.ts";
import { dot, meanRow, type Rows, takeRows } from "../numerics/rows.ts";
import { norm } from "../numerics/vectors.ts";
import type { Push } from "./scene.ts";

/** What vectors are made from: the training edits and the classifier that they taught. */
export interface Taught {
  /** Δv [n, d] of the training part. */
  readonly deltas: Rows;
  /** 1: from the first label to the second [n]. */
  readonly labels: readonly number[];
  /** w of the logistic regression [d]. */
  readonly weights: ArrayLike<number>;
  readonly random: Random;
}

/** A vector made of recorded edits; those that need the model are in universal.ts. */
export type Recorded = Exclude<ConstructionName, "universal" | "universalBox">;

const make: Readonly<Record<Recorded, (taught: Taught) => Push>> = {
  sign: ({ weights }) => both(Array.from(weights, (weight) => (weight < 0 ? -1 : 1))),
  weights: ({ weights }) => both(weights),
  meanDifference: ({ deltas, labels }) => {
    const [towards, away] = [groupMean(deltas, labels, 1), groupMean(deltas, labels, 0)];
    return both(towards.map((value, i) => value - (away[i] as number)));
  },
  discriminant: ({ deltas, labels }) => both(fitDiscriminant(deltas, labels).weights),
  firstComponent: ({ deltas, labels, random }) => {
    const drawn = equalGroups(labels, random);
    const part = takeRows(deltas, drawn);
    const axes = principalAxes(part);
    const first = axes.lift(Float64Array.from(axes.explainedVariance, (_, i) => (i === 0 ? 1 : 0)));
    // An axis has no sense of its own: it is to point as the groups lie.
    const difference = make.meanDifference({ deltas, labels, weights: [], random }).plus;
    return both(dot(Float64Array.from(difference), first) < 0 ? first.map((x) => -x) : first);
  },
  ownMeans: ({ deltas, labels }) => ({
    plus: unit(groupMean(deltas, labels, 1)),
    minus: unit(groupMean(deltas, labels, 0)),
  }),
};

export const recordedConstructions = Object.keys(make) as Recorded[];

export function constructed(name: Recorded, taught: Taught): Push {
  return make[name](taught);
}

/** The vector at length 1. */
export function unit(vector: ArrayLike<number>): Float32Array {
  const length = norm(vector);
  if (length === 0) throw new RangeError("A zero vector has no direction.");
  return Float32Array.from(vector, (value) => value / length);
}

/** One vector for both signs. */
export function both(vector: ArrayLike<number>): Push {
  const plus = unit(vector);
  return { plus, minus: plus.map((value) => -value) };
}

function groupMean(deltas: Rows, labels: readonly number[], label: number): Float64Array {
  const positions = [...labels.keys()].filter((row) => labels[row] === label);
  return meanRow(takeRows(deltas, positions));
}
