import type { Rate, TransferRow } from "../../protocol/results.ts";

/** What a row of the sweep is judged by: the four rates, in the order of the report. */
export const rateNames = ["femaleToMale", "maleStaysMale", "maleToFemale", "femaleStaysFemale"] as const;

/** changed / total; 1 where there was no name to judge by. */
export function shareOf({ changed, total }: Rate): number {
  return total === 0 ? 1 : changed / total;
}

/** The scale in [0.5, 2] at which the worst of the concept vector's four rates is best, the smallest of equals; null without any. */
export function bestScale(rows: readonly TransferRow[]): number | null {
  const worst = (row: TransferRow) => Math.min(...rateNames.map((name) => shareOf(row[name])));
  const eligible = rows
    .filter(({ vector, scale }) => vector === "gender" && scale >= 0.5 && scale <= 2)
    .sort((a, b) => worst(b) - worst(a) || a.scale - b.scale);
  return eligible[0]?.scale ?? null;
}
