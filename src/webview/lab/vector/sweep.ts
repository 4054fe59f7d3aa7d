/** The four rates of a vector at any scale, from the scales that were tried. */
import type { Rate, TransferRow } from "../../../protocol/results.ts";

export type Judge = "label" | "firstWord";

/** +scale acts on names of the first label, −scale on names of the second; the others should stay what they are. */
export type Sign = "plus" | "minus";
export type Part = "changed" | "stayed";

/** A share as found at one scale; over several seeds of a random vector their mean, with the lowest and highest. */
export interface Share {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Sums over the seeds. */
  readonly counts: Rate;
}

export interface Measured {
  /** Not negative. */
  readonly scale: number;
  readonly shares: Readonly<Record<Sign, Readonly<Record<Part, Share>>>>;
}

export interface ShareAt {
  /** Linear between the two scales around; null beyond the last one tried. */
  readonly share: number | null;
  /** Counts, where this very scale was tried. */
  readonly counts: Rate | null;
}

const fraction = (rate: Rate): number => (rate.total > 0 ? rate.count / rate.total : 0);

function shareOf(rates: readonly Rate[]): Share {
  const fractions = rates.map(fraction);
  return {
    mean: fractions.reduce((a, b) => a + b, 0) / Math.max(1, fractions.length),
    low: Math.min(...fractions),
    high: Math.max(...fractions),
    counts: rates.reduce((a, b) => ({ count: a.count + b.count, total: a.total + b.total }), {
      count: 0,
      total: 0,
    }),
  };
}

/**
 * What one kind of vector did, by rising scale. It starts at 0, where nothing is added and hence, by definition,
 * nothing changes: names are grouped by what the model says of them without an edit.
 */
export function sweepOf(transfer: readonly TransferRow[], vector: TransferRow["vector"], judge: Judge): Measured[] {
  const rows = transfer.filter((row) => row.vector === vector && (judge === "label" || row.byFirstWord));
  const scales = [...new Set(rows.map((row) => Math.abs(row.scale)))]
    .filter((scale) => scale > 0)
    .sort((a, b) => a - b);
  if (scales.length === 0) return [];
  const measured = scales.map((scale): Measured => {
    const here = rows.filter((row) => Math.abs(row.scale) === scale);
    const judged = here.map((row) => (judge === "firstWord" ? (row.byFirstWord ?? row) : row));
    return { scale, shares: each((sign, part) => shareOf(judged.map((row) => row[sign][part]))) };
  });
  const still = (sign: Sign, part: Part): Share => {
    const { total } = measured[0]?.shares[sign][part].counts ?? { total: 0 };
    const share = part === "stayed" ? 1 : 0;
    return { mean: share, low: share, high: share, counts: { count: share * total, total } };
  };
  return [{ scale: 0, shares: each(still) }, ...measured];
}

function each(make: (sign: Sign, part: Part) => Share): Measured["shares"] {
  const both = (sign: Sign) => ({ changed: make(sign, "changed"), stayed: make(sign, "stayed") });
  return { plus: both("plus"), minus: both("minus") };
}

const same = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;

/** A rate at ±scale, interpolated; the scale's own sign does not matter. */
export function shareAt(sweep: readonly Measured[], sign: Sign, part: Part, scale: number): ShareAt {
  const size = Math.abs(scale);
  const exact = sweep.find((measured) => same(measured.scale, size));
  if (exact) return { share: exact.shares[sign][part].mean, counts: exact.shares[sign][part].counts };
  const above = sweep.findIndex((measured) => measured.scale > size);
  const [left, right] = [sweep[above - 1], sweep[above]];
  if (above < 1 || !left || !right) return { share: null, counts: null };
  const way = (size - left.scale) / (right.scale - left.scale);
  const [before, after] = [left.shares[sign][part].mean, right.shares[sign][part].mean];
  return { share: before * (1 - way) + after * way, counts: null };
}

/** How many names of further labels the vector dragged to its target, at exactly this scale; null when not tried. */
export function draggedOthers(transfer: readonly TransferRow[], scale: number): Rate | null {
  const row = transfer.find(
    (candidate) => candidate.vector === "concept" && same(Math.abs(candidate.scale), Math.abs(scale)),
  );
  return row?.others?.[scale < 0 ? "minus" : "plus"] ?? null;
}

/** The names that resisted at the tried scale nearest to this one, for its sign; null when nothing was tried. */
export function resistingNames(
  transfer: readonly TransferRow[],
  scale: number,
): { readonly scale: number; readonly names: readonly { name: string; completion: string }[] } | null {
  const sign = scale < 0 ? -1 : 1;
  const rows = transfer.filter((row) => row.vector === "concept" && row.scale !== 0);
  const nearest = rows.reduce<TransferRow | null>(
    (best, row) =>
      best && Math.abs(Math.abs(best.scale) - Math.abs(scale)) <= Math.abs(Math.abs(row.scale) - Math.abs(scale))
        ? best
        : row,
    null,
  );
  if (!nearest) return null;
  const names = nearest.failures.filter((failure) => failure.sign === sign);
  return { scale: sign * Math.abs(nearest.scale), names };
}
