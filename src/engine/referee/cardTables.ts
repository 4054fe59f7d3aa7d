import type { RefereeCard } from "../../protocol/referee.ts";
import { type Cell, csv } from "../../text/csv.ts";
import { checkWords, decisiveRows, sizesText } from "../../text/referee.ts";
import { furtherTablesOf, vectorTable } from "../../text/refereeTables.ts";

const csvHeader = ["check", "verdict", "figure", "value", "low", "high", "side", "bound", "figureVerdict"];
/** First line of the CSV. */
export const cardCsvHeader = csvHeader.join(",");

/** Every figure of every check, a line each. */
export function cardCsv({ checks }: RefereeCard): string {
  const rows = checks.flatMap(({ id, verdict, figures }) =>
    figures.map((figure): Cell[] => [
      id,
      verdict,
      figure.name,
      figure.value,
      figure.interval?.[0] ?? null,
      figure.interval?.[1] ?? null,
      figure.bound?.side ?? null,
      figure.bound?.value ?? null,
      figure.verdict,
    ]),
  );
  return csv(csvHeader, rows);
}

/** The cells of the tables, and the notes of each check. */
function partsOf(card: RefereeCard) {
  const { checks, vectors, concept } = card;
  const { head, rows } = vectorTable(vectors, concept.labels);
  return {
    checks: [
      ["Check", "Verdict", "Figure", "Value", "95 %", "Bound"],
      ...checks
        .flatMap(decisiveRows)
        .map(({ title, verdict, name, text, interval, bound }) => [title, verdict, name, text, interval, bound]),
    ],
    notes: checks.flatMap(({ id, notes }) => notes.map((note) => [checkWords[id] ?? id, note] as const)),
    vectors: [head, ...rows.map((cells) => cells.map((cell) => (typeof cell === "string" ? cell : cell.text)))],
    paired: furtherTablesOf(card).paired,
  };
}

/** The card as Markdown. */
export function cardMarkdown(card: RefereeCard): string {
  const { summary, concept, model } = card;
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const table = ([header = [], ...rows]: string[][]) =>
    [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
  const { checks, notes, vectors, paired } = partsOf(card);
  return [
    `**${concept.name}**, ${model.name}`,
    summary,
    table(checks),
    ...(notes.length > 0 ? [notes.map(([check, note]) => `- *${check}*: ${note}`).join("\n")] : []),
    table(vectors),
    table(paired),
    `On trial: ${sizesText(card)}.`,
    "",
  ].join("\n\n");
}

/** The card as tables and notes for LaTeX (booktabs). */
export function cardTex(card: RefereeCard): string {
  const quoted = (text: string) =>
    text
      .replaceAll("\\", "\\textbackslash ")
      .replaceAll(/[&%$#_{}]/g, (sign) => `\\${sign}`)
      .replaceAll("→", "$\\to$")
      .replaceAll("−", "$-$")
      .replaceAll("×", "$\\times$")
      .replaceAll(/[<>]/g, (sign) => `$${sign}$`)
      .replaceAll("~", "\\textasciitilde ")
      .replaceAll("^", "\\textasciicircum ")
      .replaceAll("Δ", "$\\Delta$")
      .replaceAll("“", "``")
      .replaceAll("”", "''");
  const table = ([header = [], ...rows]: string[][]) =>
    [
      `\\begin{tabular}{${"l".repeat(header.length)}}`,
      "\\toprule",
      `${header.map(quoted).join(" & ")} \\\\`,
      "\\midrule",
      ...rows.map((cells) => `${cells.map(quoted).join(" & ")} \\\\`),
      "\\bottomrule",
      "\\end{tabular}",
    ].join("\n");
  const { checks, notes, vectors, paired } = partsOf(card);
  const items = notes.map(([check, note]) => `\\item \\emph{${quoted(check)}}: ${quoted(note)}`);
  return [
    `% ${card.summary}`,
    `% On trial: ${sizesText(card)}.`,
    table(checks),
    ...(items.length > 0 ? [["\\begin{itemize}", ...items, "\\end{itemize}"].join("\n")] : []),
    table(vectors),
    table(paired),
    "",
  ].join("\n\n");
}
