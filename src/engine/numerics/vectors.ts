/** Euclidean length. */
export function norm(x: ArrayLike<number>): number {
  return Math.sqrt(dot(x, x));
}

export function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (y[i] as number);
  return sum;
}

/** Scales x back, in place, to at most the given length. */
export function clampNorm(x: Float64Array, limit: number): void {
  const length = norm(x);
  if (length > limit) for (let i = 0; i < x.length; i++) x[i] = ((x[i] as number) * limit) / length;
}
