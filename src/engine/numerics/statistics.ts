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

/** Standard normal quantile for a two-sided 95 % interval. */
const z95 = 1.959963984540054;

/**
 * 95 % confidence interval of a share, by Wilson's score method (1927): stays inside [0, 1] and is honest near its ends,
 * where a classifier that makes no mistake on the test part lies. Neither number need be whole.
 *
 * @param z standard normal quantile of the level, of 95 % without it
 */
export function wilsonInterval(successes: number, total: number, z = z95): [low: number, high: number] {
  if (total === 0) return [0, 1];
  const share = successes / total;
  const centre = share + (z * z) / (2 * total);
  const margin = z * Math.sqrt((share * (1 - share) + (z * z) / (4 * total)) / total);
  const scale = 1 + (z * z) / total;
  return [successes === 0 ? 0 : (centre - margin) / scale, successes === total ? 1 : (centre + margin) / scale];
}
