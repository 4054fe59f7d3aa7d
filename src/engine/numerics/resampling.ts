import type { Interval } from "./intervals.ts";
import type { Random } from "./random.ts";
import { quantile, wilsonInterval } from "./statistics.ts";

/**
 * 95 % interval of a statistic by the percentile bootstrap (Efron 1979): the 2.5 and 97.5 % quantiles over `draws`
 * samples of n of the n items, with replacement.
 *
 * @param statistic of positions 0 … count−1, some of them repeated
 */
export function bootstrapInterval(
  count: number,
  statistic: (positions: readonly number[]) => number,
  random: Random,
  draws = 1000,
): Interval {
  const values = Array.from({ length: draws }, () =>
    statistic(Array.from({ length: count }, () => random.below(count))),
  ).sort((a, b) => a - b);
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/**
 * One-sided p of a statistic among those of shuffles, (1 + how many are as large) / (1 + shuffles), as scikit-learn's
 * `permutation_test_score` has it (Ojala & Garriga 2010).
 */
export function permutationP(observed: number, shuffled: readonly number[]): number {
  return (1 + shuffled.filter((value) => value >= observed).length) / (1 + shuffled.length);
}

/** 95 % interval of the p that infinitely many shuffles would give, of how many of these are as large. */
export function permutationInterval(observed: number, shuffled: readonly number[]): Interval {
  return wilsonInterval(shuffled.filter((value) => value >= observed).length, shuffled.length);
}

/** Positions drawn without replacement so that every label has as many as the rarest, in ascending order. */
export function equalGroups(labels: readonly (string | number)[], random: Random, most = Number.POSITIVE_INFINITY) {
  const groups = [...new Set(labels)].map((label) =>
    random.shuffled([...labels.keys()].filter((position) => labels[position] === label)),
  );
  const size = Math.min(most, ...groups.map(({ length }) => length));
  return groups.flatMap((group) => group.slice(0, size)).sort((a, b) => a - b);
}
