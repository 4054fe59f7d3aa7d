import type { Directions, Rate, TransferRow } from "../../protocol/results.ts";

/** What a vector at a scale is judged by: four rates, in the order of the report. */
export const judgements = [
  { sign: "plus", part: "changed" },
  { sign: "plus", part: "stayed" },
  { sign: "minus", part: "changed" },
  { sign: "minus", part: "stayed" },
] as const;
export type Judgement = (typeof judgements)[number];

export function rateOf(row: Directions, { sign, part }: Judgement): Rate {
  return row[sign][part];
}

/** count / total; 1 where there was no name to judge by. */
export function shareOf({ count, total }: Rate): number {
  return total === 0 ? 1 : count / total;
}

const worstOf = (row: TransferRow) => Math.min(...judgements.map((judgement) => shareOf(rateOf(row, judgement))));

/** The scale at which the worst of the concept vector's four rates is best, the least push of equals; null without any. */
export function bestScale(rows: readonly TransferRow[]): number | null {
  const eligible = rows
    .filter(({ vector }) => vector === "concept")
    .sort((a, b) => worstOf(b) - worstOf(a) || a.scale - b.scale);
  return eligible[0]?.scale ?? null;
}

/**
 * The next scale to try where the longest tried is the best and still misses names: half as long again, `longest` at
 * most; undefined where there is none.
 */
export function furtherScale(rows: readonly TransferRow[], longest: number): number | undefined {
  const last = rows.reduce((a, b) => (b.scale > a.scale ? b : a));
  const next = Number(Math.min(1.5 * last.scale, longest).toPrecision(3));
  return bestScale(rows) === last.scale && worstOf(last) < 1 && next > last.scale ? next : undefined;
}
