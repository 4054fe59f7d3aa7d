/** 95 % intervals of shares, honest where all agree: 0 of 20 is no proof of 0. */
import { mean, wilsonInterval } from "./statistics.ts";

/** Lower and upper end of a 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** A value with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** A share of things that have nothing to do with each other, by Wilson's score method; 0 of none. */
export function shareEstimate(hits: readonly boolean[]): Estimate {
  return { value: mean(hits.map(Number)), interval: wilsonInterval(hits.filter(Boolean).length, hits.length) };
}

/**
 * A share of things that come in clusters, such as many texts about one name, which tend to agree. Wilson's interval
 * for as many independent things as would give the share the variance that it has between clusters (Korn & Graubard
 * 1998; with Wilson's interval, Dean & Pagano 2015): never fewer than the clusters, nor more than the things.
 */
export function clusteredEstimate(clusters: readonly (readonly boolean[])[]): Estimate {
  const counted = clusters
    .filter(({ length }) => length > 0)
    .map((hits) => ({ hits: hits.filter(Boolean).length, all: hits.length }));
  const total = counted.reduce((sum, { all }) => sum + all, 0);
  if (total === 0) return shareEstimate([]);
  const share = counted.reduce((sum, { hits }) => sum + hits, 0) / total;
  const count = counted.length;
  const spread = counted.reduce((sum, { hits, all }) => sum + (hits - share * all) ** 2, 0);
  const variance = ((count / (count - 1)) * spread) / total ** 2;
  const alike = (share * (1 - share)) / variance;
  // With no spread at all: the clusters, where everything agrees; all things, where every cluster has the same share.
  const effective = variance > 0 ? Math.min(total, Math.max(count, alike)) : share * (1 - share) === 0 ? count : total;
  return { value: share, interval: wilsonInterval(share * effective, effective) };
}

/**
 * A weighted sum of independent estimates, its interval from theirs by squaring and adding (Newcombe 1998; Zou & Donner
 * 2008): with weights 1 and −1 the difference of two shares, with ½ and ½ their mean.
 */
export function combined(parts: readonly (Estimate & { readonly weight: number })[]): Estimate {
  const value = parts.reduce((sum, part) => sum + part.weight * part.value, 0);
  const reach = (end: 0 | 1) =>
    Math.sqrt(
      parts.reduce((sum, { weight, value: own, interval }) => {
        const far = interval[weight > 0 ? end : 1 - end] as number;
        return sum + (weight * (own - far)) ** 2;
      }, 0),
    );
  return { value, interval: [value - reach(0), value + reach(1)] };
}

/** Balanced accuracy: the mean of the two labels' shares of rows that are predicted right. */
export function balancedEstimate(predicted: ArrayLike<number>, labels: ArrayLike<number>): Estimate {
  const right = (label: number) =>
    Array.from(labels).flatMap((own, row) => (own === label ? [predicted[row] === label] : []));
  return combined([0, 1].map((label) => ({ ...shareEstimate(right(label)), weight: 0.5 })));
}
