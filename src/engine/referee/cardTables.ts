import type { RefereeCard } from "../../protocol/referee.ts";
import { type Cell, csv } from "../../text/csv.ts";
import { fixed, percent } from "../../text/numbers.ts";
import { checkWords, decisiveRows, shareText, sizesText, vectorWords } from "../../text/referee.ts";
import { furtherTablesOf, quietText, worstOf } from "../../text/refereeTables.ts";

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

const rateHeader = (labels: readonly [string, string]) => {
  const [first, second] = labels;
  return [`${first} → ${second}`, `${second} stays`, `${second} → ${first}`, `${first} stays`];
};

/** The cells of the two tables: checks with what decides them, and vectors. */
export function tablesOf({ checks, vectors, concept }: RefereeCard) {
  return {
    checks: [
      ["Check", "Verdict", "Figure", "Value", "95 %", "Bound"],
      ...checks
        .flatMap(decisiveRows)
        .map(({ title, verdict, name, text, interval, bound }) => [title, verdict, name, text, interval, bound]),
    ],
    vectors: [
      [
        "Vector",
        "Length",
        ...rateHeader(concept.labels),
        "Worst",
        "Random turns",
        "Worst where random is quiet",
        "Facts stay",
        "Neighbours stay",
        "Perplexity",
      ],
      ...vectors.map(({ name, length, rates, random, quiet, collateral }) => [
        vectorWords[name] ?? name,
        fixed(length, 2),
        ...[rates.plusChanged, rates.plusStayed, rates.minusChanged, rates.minusStayed].map(({ count, total }) =>
          percent(count / total),
        ),
        percent(worstOf(rates)),
        percent(random),
        quietText(quiet),
        shareText(collateral.facts),
        percent(collateral.neighbours),
        `× ${fixed(collateral.perplexity, 3)}`,
      ]),
    ],
  };
}

/** The card as Markdown. */
export function cardMarkdown(card: RefereeCard): string {
  const { summary, concept, model } = card;
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const table = ([header = [], ...rows]: string[][]) =>
    [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
  const { checks, vectors } = tablesOf(card);
  const notes = card.checks.flatMap(({ id, notes }) => notes.map((note) => `- *${checkWords[id] ?? id}*: ${note}`));
  return [
    `**${concept.name}**, ${model.name}`,
    summary,
    table(checks),
    ...(notes.length > 0 ? [notes.join("\n")] : []),
    table(vectors),
    table(furtherTablesOf(card).paired),
    `On trial: ${sizesText(card)}.`,
    "",
  ].join("\n\n");
}

/** The card as two tables for LaTeX (booktabs). */
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
  const { checks, vectors } = tablesOf(card);
  return [`% ${card.summary}`, `% On trial: ${sizesText(card)}.`, table(checks), table(vectors), ""].join("\n\n");
}
