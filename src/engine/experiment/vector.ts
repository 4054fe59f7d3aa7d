import type { EditRecord } from "../../protocol/results.ts";
import { Random } from "../numerics/random.ts";

/**
 * The vector that the classifier holds for the most typical step from the first label to the second: argmax of
 * σ(wᵀx + b) over the box [−1, 1]^d, which is sign(w), of length √d.
 *
 * Proof: σ is increasing, so the same x maximises wᵀx = Σ w_j x_j, whose terms can be chosen one by one;
 * and w_j x_j ≤ |w_j| on [−1, 1], with equality at x_j = sign(w_j). (Where w_j = 0 any x_j will do: 1 is taken.)
 */
export function conceptVector(weights: ArrayLike<number>): Float32Array {
  return Float32Array.from(weights, (weight) => (weight < 0 ? -1 : 1));
}

/** Control: a vector of random signs [width], as long as the concept's; each seed gives another, always the same. */
export function randomSigns(width: number, seed: number): Float32Array {
  const random = new Random(seed, "random signs");
  return Float32Array.from({ length: width }, () => (random.below(2) === 0 ? -1 : 1));
}

/** Control: mean Δv [d] of the edits away from the first label, minus that of the edits towards it. */
export function meanDifference(
  records: readonly Pick<EditRecord, "from">[],
  deltas: ArrayLike<number>,
  firstLabel: string,
): Float32Array {
  const width = deltas.length / records.length;
  const away = records.filter(({ from }) => from === firstLabel).length;
  const sum = new Float64Array(width);
  records.forEach(({ from }, row) => {
    const share = from === firstLabel ? 1 / away : -1 / (records.length - away);
    for (let i = 0; i < width; i++) sum[i]! += share * deltas[row * width + i]!;
  });
  return Float32Array.from(sum);
}

/** The vector at another length. */
export function scaledTo(vector: Float32Array, length: number): Float32Array {
  const current = Math.hypot(...vector);
  if (current === 0) throw new RangeError("A zero vector has no direction.");
  return vector.map((value) => (value * length) / current);
}

/** Δvᵀg / ‖g‖: how far an edit [d] reaches along the concept vector [d], in the units of Δv. */
export function projection(delta: ArrayLike<number>, vector: ArrayLike<number>): number {
  let along = 0;
  let square = 0;
  for (let i = 0; i < vector.length; i++) {
    along += delta[i]! * vector[i]!;
    square += vector[i]! ** 2;
  }
  return along / Math.sqrt(square);
}
