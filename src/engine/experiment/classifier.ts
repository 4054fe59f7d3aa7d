/** classifier.json: what a data set taught, enough to score later edits and to apply its vector. */
export interface ClassifierFile {
  readonly schema: 1;
  /** Name of the vector; it points from the first label to the second. */
  readonly vectorName: string;
  readonly prompt: string;
  readonly labels: readonly [string, string];
  readonly model: { readonly name: string; readonly fingerprint: string };
  readonly layer: number;
  readonly seed: number;
  /** The training edits it was made from. */
  readonly train: number;
  /** Inverse strength of the regularisation, scikit-learn's C. */
  readonly regularization: number;
  /** w [d] and b of P(first → second) = σ(wᵀΔv + b). */
  readonly weights: readonly number[];
  readonly intercept: number;
  /** g = sign(w) [d]. */
  readonly vector: readonly number[];
}
