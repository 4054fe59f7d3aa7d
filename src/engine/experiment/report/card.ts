import type { RefereeCard, Verdict } from "../../../protocol/referee.ts";
import { checkWords, decisiveRows, figureCells, sizesText } from "../../../text/referee.ts";
import { furtherTablesOf, vectorTable } from "../../../text/refereeTables.ts";
import { type Html, html } from "../../report/html.ts";
import { type Cell, table } from "../../report/table.ts";

const marks = { holds: "✓", fails: "✗", undecided: "?" };

/** The referee's card: plain words first, the figures beside them. */
export function verdictCard(card: RefereeCard): Html {
  const { summary, checks, vectors, concept, skipped } = card;
  const { head, rows } = vectorTable(vectors, concept.labels);
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
${table("Vectors, each at the length that is best for it on other names", head, rows, { open: true })}
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
