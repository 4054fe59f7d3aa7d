import { principalAxes } from "./pca.ts";
import { addWeightedRows, dot, meanRow, type Rows } from "./rows.ts";

/** Takes what k directions say out of a vector: x − left (right (x − mean)), which leaves nothing of them. */
export interface Projection {
  /** What stays as it is [d]: zeros where the projection is a plain one. */
  readonly mean: Float64Array;
  /** k columns of the left factor [d] each. */
  readonly left: readonly Float64Array[];
  /** k rows of the right factor [d] each; rightᵢ·leftⱼ is 1 for i = j, else 0. */
  readonly right: readonly Float64Array[];
}

/**
 * Least-squares concept erasure (Belrose et al. 2023, theorem 4.3): of all affine maps after which no linear classifier
 * has a smaller loss than a constant, the one that moves the rows least.
 *
 * For two classes its rank is one. With Δ the difference of the classes' means and Σ⁺ the rows' pseudo-inverse
 * covariance, the whitening cancels out: left ∝ Δ, right ∝ Σ⁺Δ, their product 1.
 *
 * @param rows X [n, d]; needs min(n, d)³ steps
 * @param labels 0 or 1, one a row, both present
 * @returns of rank 1; of rank 0 where the classes' means are the same, and nothing is to be erased
 */
export function leace(rows: Rows, labels: ArrayLike<number>): Projection {
  const { count, width } = rows;
  const ones = Array.from(labels).filter((label) => label === 1).length;
  if (labels.length !== count || !(ones > 0 && ones < count))
    throw new RangeError("Erasure needs one label a row, and both labels.");
  const weights = Float64Array.from({ length: count }, (_, row) =>
    labels[row] === 1 ? 1 / ones : -1 / (count - ones),
  );
  const { coordinates, lift } = principalAxes(rows);
  const rank = coordinates.width;
  const along = new Float64Array(rank);
  addWeightedRows(coordinates, weights, along);
  const variances = new Float64Array(rank);
  for (const [i, value] of coordinates.data.entries()) variances[i % rank]! += value ** 2 / count;
  const whitened = along.map((value, i) => value / variances[i]!);
  // Mahalanobis length of Δ: what makes the product of the two factors 1.
  const length = Math.sqrt(dot(along, whitened));
  const mean = meanRow(rows);
  if (!(length > smallest)) return { mean, left: [], right: [] };
  const difference = new Float64Array(width);
  addWeightedRows(rows, weights, difference);
  return {
    mean,
    left: [difference.map((value) => value / length)],
    right: [lift(whitened).map((value) => value / length)],
  };
}

/** Distances of the classes' means below this many standard deviations are rounding. */
const smallest = 1e-9;

/**
 * The plain projection that takes the span of the directions [d] out of every vector: no labels, no covariance.
 * Directions that depend on earlier ones add nothing.
 *
 * @param mean what stays as it is [d]; the origin without it
 */
export function orthogonal(
  directions: readonly ArrayLike<number>[],
  width: number,
  mean: Float64Array = new Float64Array(width),
): Projection {
  const basis: Float64Array[] = [];
  for (const direction of directions) {
    const rest = Float64Array.from(direction);
    const before = Math.sqrt(dot(rest, rest));
    // Twice: the second pass takes away what rounding left of the first.
    for (let pass = 0; pass < 2; pass++)
      for (const axis of basis) {
        const share = dot(rest, axis);
        for (let i = 0; i < width; i++) rest[i]! -= share * axis[i]!;
      }
    const length = Math.sqrt(dot(rest, rest));
    if (length > smallest * before) basis.push(rest.map((value) => value / length));
  }
  return { mean, left: basis, right: basis };
}

/** x − left (right (x − mean)) of each row, in new rows. */
export function erase({ data, count, width }: Rows, { mean, left, right }: Projection): Rows {
  const erased = Float64Array.from(data);
  for (const [k, factor] of right.entries()) {
    const column = left[k]!;
    const rest = dot(mean, factor);
    for (let row = 0; row < count; row++) {
      // From the rows as they were: the factors act together, not one after the other.
      const share = dot(data, factor, width, row * width) - rest;
      for (let i = 0; i < width; i++) erased[row * width + i]! -= share * column[i]!;
    }
  }
  return { data: erased, count, width };
}
