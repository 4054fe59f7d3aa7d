import type { RefereeCard } from "../protocol/referee.ts";
import { fixed, rateText } from "../text/numbers.ts";
import { printable } from "../text/printable.ts";
import { boundText, checkWords, figureText, intervalText, shareText, vectorWords } from "../text/referee.ts";

/** A verdict card for a terminal: plain words first, the figures below them. */
export function refereeText({ summary, checks, vectors, concept, length, skipped }: RefereeCard): string {
  const [first, second] = concept.labels.map(printable);
  return [
    printable(summary),
    ...checks.flatMap(({ id, verdict, figures, notes }) => [
      "",
      `${checkWords[id]}: ${verdict}`,
      ...figures.map(({ name, value, interval, unit, bound }) => {
        const range = interval ? ` (95 %: ${intervalText(interval, unit)})` : "";
        const wanted = bound ? `, ${boundText(bound, unit)} wanted` : "";
        return `  ${printable(name)}: ${figureText({ value, unit })}${range}${wanted}`;
      }),
      ...notes.map((note) => `  note: ${printable(note)}`),
    ]),
    "",
    `Vectors, each at its best length (on trial: ${fixed(length, 2)}):`,
    ...vectors.map(
      ({ name, length, rates, collateral }) =>
        `  ${vectorWords[name]}, ${fixed(length, 2)}: ${first} → ${second} ${rateText(rates.plusChanged)}, ${second} stays ${rateText(rates.plusStayed)}, ` +
        `${second} → ${first} ${rateText(rates.minusChanged)}, ${first} stays ${rateText(rates.minusStayed)}; other facts stay ${shareText(collateral.facts)}`,
    ),
    ...(skipped.length > 0 ? ["", `Left out: ${skipped.map((id) => checkWords[id]).join(", ")}.`] : []),
  ].join("\n");
}
