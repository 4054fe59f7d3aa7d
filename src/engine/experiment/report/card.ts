import type { RefereeCard, Verdict } from "../../../protocol/referee.ts";
import { fixed, percent } from "../../../text/numbers.ts";
import { checkWords, decisiveRows, figureCells, shareText, sizesText, vectorWords } from "../../../text/referee.ts";
import { furtherTablesOf, quietText } from "../../../text/refereeTables.ts";
import { type Html, html } from "../../report/html.ts";
import { type Cell, table } from "../../report/table.ts";

const marks = { holds: "✓", fails: "✗", undecided: "?" };

/** The referee's card: plain words first, the figures beside them. */
export function verdictCard(card: RefereeCard): Html {
  const { summary, checks, vectors, concept, skipped } = card;
  const [first, second] = concept.labels;
  const { paired, curves } = furtherTablesOf(card);
  return html`<h2>The referee</h2>
<p><b>${summary}</b></p>
${table(
  "The eight checks",
  ["Check", "Verdict", "Figure", "Value", "95 %", "Bound"],
  checks
    .flatMap(decisiveRows)
    .map(({ title, verdict, ...figure }) => [
      title,
      verdict && `${marks[verdict as Verdict]} ${verdict}`,
      ...cellsOf(figure),
    ]),
  { open: true },
)}
${skipped.length > 0 && html`<p class="soft">Left out: ${skipped.map((id) => checkWords[id]).join(", ")}.</p>`}
${checks.map((check) => [
  table(
    `${checkWords[check.id]}: every figure`,
    ["Figure", "Value", "95 %", "Bound"],
    check.figures.map((figure) => cellsOf(figureCells(figure))),
  ),
  check.notes.map((note) => html`<p class="soft">${note}</p>`),
])}
${table(
  "Vectors, each at the length that is best for it on other names",
  [
    "Vector",
    "Length",
    `${first} → ${second}`,
    `${second} stays`,
    `${second} → ${first}`,
    `${first} stays`,
    "Random turns",
    "Worst where random is quiet",
    "Facts stay",
  ],
  vectors.map(({ name, length, rates, random, quiet, collateral }) => [
    vectorWords[name] ?? name,
    { value: length, text: fixed(length, 2) },
    ...[rates.plusChanged, rates.plusStayed, rates.minusChanged, rates.minusStayed].map(({ count, total }) => {
      return { value: count / total, text: percent(count / total) };
    }),
    { value: random, text: percent(random) },
    quietText(quiet),
    { value: collateral.facts ?? -1, text: shareText(collateral.facts) },
  ]),
  { open: true },
)}
${plain("The same names under a vector and under a control: right where the other is not (McNemar)", paired)}
${plain("By length, on the half of the names that chooses it", curves)}
<p class="soft">On trial: ${sizesText(card)}.</p>`;
}

const plain = (caption: string, [header = [], ...rows]: string[][]) => table(caption, header, rows);

/** Sorted by the number, read as text. */
const cellsOf = ({ name, value, text, interval, bound }: ReturnType<typeof figureCells>): Cell[] => [
  name,
  { value, text },
  interval,
  bound,
];
