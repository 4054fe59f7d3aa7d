import { Cholesky } from "../numerics/cholesky.ts";
import { dot } from "../numerics/vectors.ts";
import type { Covariance } from "./covariance.ts";
import type { EditInputs, LiveEdit } from "./edit.ts";

/**
 * One update of a layer that writes the values of many edits at once, in the least-squares sense (MEMIT, Meng et al.
 * 2023, eq. 14, at a single layer): Δ = R Kᵀ (λC + K Kᵀ)⁻¹ = Σ r_i u_iᵀ with u_i = (λC + K Kᵀ)⁻¹ k_i. With
 * P = (λC)⁻¹ K this is U = P (I + KᵀP)⁻¹ (Woodbury), so that the only new matrix to factor is [n, n].
 *
 * @param inputs n edits; the mean keys are K, v* − v of the bare prompt are R
 * @param covariance C; undefined: the keys' mean square times the identity
 * @param weight λ: how much what the layer does to other keys counts against these
 */
export function batchUpdate(
  inputs: readonly EditInputs[],
  covariance: Covariance | undefined,
  weight: number,
): LiveEdit[] {
  const keys = inputs.map(({ meanKey }) => meanKey);
  const n = keys.length;
  const meanSquare = keys.reduce((sum, key) => sum + dot(key, key) / key.length, 0) / n;
  const whitened = keys.map((key) =>
    (covariance?.whiten(key) ?? Float64Array.from(key, (x) => x / meanSquare)).map((x) => x / weight),
  );
  const inner = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const product = dot(keys[i] as Float32Array, whitened[j] as Float64Array) + (i === j ? 1 : 0);
      inner[i * n + j] = product;
      inner[j * n + i] = product;
    }
  const factor = new Cholesky(inner, n);
  return inputs.map(({ layer, value, delta, bareValue }, i) => {
    const shares = factor.solve(Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
    const u = new Float64Array((keys[i] as Float32Array).length);
    for (let j = 0; j < n; j++) {
      const [share, column] = [shares[j] as number, whitened[j] as Float64Array];
      for (let k = 0; k < u.length; k++) u[k] = (u[k] as number) + share * (column[k] as number);
    }
    const r = delta.map((component, k) => (value[k] as number) + component - (bareValue[k] as number));
    return { layer, u: Float32Array.from(u), r };
  });
}

/**
 * Rank-one edits of one layer written one after the other, each correcting for what the earlier ones already add to its
 * key: r_i = (v*_i − W_{i−1}k_i)/(k_iᵀu_i). Keys lie before the edited matrix, so earlier edits leave them as they are.
 *
 * @param edits each with the key and the u of its own edit (`makeEdit`)
 */
export function writeInTurn(edits: readonly { readonly key: Float32Array; readonly edit: LiveEdit }[]): LiveEdit[] {
  const written: LiveEdit[] = [];
  for (const { key, edit } of edits) {
    const denominator = dot(key, edit.u);
    const r = Float32Array.from(edit.r);
    for (const earlier of written) {
      const share = dot(key, earlier.u) / denominator;
      for (let k = 0; k < r.length; k++) r[k] = (r[k] as number) - share * (earlier.r[k] as number);
    }
    written.push({ ...edit, r });
  }
  return written;
}
