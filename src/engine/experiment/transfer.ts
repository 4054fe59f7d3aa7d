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

/** The scale at which the worst of the concept vector's four rates is best, the least push of equals; null without any. */
export function bestScale(rows: readonly TransferRow[]): number | null {
  const worst = (row: TransferRow) => Math.min(...judgements.map((judgement) => shareOf(rateOf(row, judgement))));
  const eligible = rows
    .filter(({ vector }) => vector === "concept")
    .sort((a, b) => worst(b) - worst(a) || a.scale - b.scale);
  return eligible[0]?.scale ?? null;
}
