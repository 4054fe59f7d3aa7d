/** From data to picture along one axis. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  readonly ticks: readonly number[];
}

type Pair = readonly [number, number];

/** A linear axis; ticks on round numbers, about `wanted` of them. */
export function linearScale(domain: Pair, range: Pair, wanted = 5): Scale {
  const place = (value: number) => range[0] + ((value - domain[0]) / (domain[1] - domain[0])) * (range[1] - range[0]);
  return Object.assign(place, { domain, range, ticks: roundTicks(domain, wanted) });
}

/** A logarithmic axis with the given ticks. */
export function logScale(domain: Pair, range: Pair, ticks: readonly number[]): Scale {
  const linear = linearScale([Math.log(domain[0]), Math.log(domain[1])], range);
  return Object.assign((value: number) => linear(Math.log(value)), { domain, range, ticks });
}

/** The smallest interval with a margin around all values; one unit wide where they are all the same. */
export function extent(values: readonly number[], margin = 0.04): Pair {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high > low)) return Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
  const more = (high - low) * margin;
  return [low - more, high + more];
}

function roundTicks([low, high]: Pair, wanted: number): number[] {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
