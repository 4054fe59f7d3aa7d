/** Mean of the values; 0 of none. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation, with n in the denominator. */
export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/** Quantile of ascending values, linear between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const place = share * (values.length - 1);
  const below = values[Math.floor(place)]!;
  return below + (place % 1) * (values[Math.ceil(place)]! - below);
}
