/** Histogram bins with round edges, shared by every series of one chart. */

export interface Bins {
  /** Left edges and the last right edge: one more than there are bins. */
  readonly edges: readonly number[];
  /** Values in a bin, one array a series. A value on an edge belongs to the bin on its right, the largest to the last. */
  readonly counts: readonly (readonly number[])[];
}

/** The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below `width`. */
export function roundStep(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width));
  const factor = [1, 2, 2.5, 5].find((candidate) => candidate * power >= width * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * Counts each series over common bins.
 *
 * @param target wished number of bins; rounding the width to a readable step may give fewer or a few more
 */
export function bin(series: readonly (readonly number[])[], target = 30): Bins {
  const all = series.flat().filter(Number.isFinite);
  if (all.length === 0) return { edges: [], counts: series.map(() => []) };
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const step = high > low ? roundStep((high - low) / target) : 1;
  const first = Math.floor(low / step);
  const bins = Math.max(1, Math.ceil(high / step) - first);
  // Multiples of the step, not running sums: an edge at zero is exactly zero.
  const edges = Array.from({ length: bins + 1 }, (_, i) => (first + i) * step);
  const counts = series.map((values) => {
    const out = new Array<number>(bins).fill(0);
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      const i = Math.min(bins - 1, Math.max(0, Math.floor(value / step) - first));
      out[i] = (out[i] ?? 0) + 1;
    }
    return out;
  });
  return { edges, counts };
}
