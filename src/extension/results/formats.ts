import { t } from "@vscode/l10n";
import { csv } from "../../text/csv.ts";
import { fixed, percent, signed } from "../../text/numbers.ts";
import { answerOf } from "../../text/words.ts";
import { type FinishedCard, type ResultCard, toFinished } from "./cards.ts";

/** Results as text, for the clipboard and for files. Probabilities are fractions in JSON and CSV, per cent in Markdown. */

export function toJson(cards: readonly ResultCard[]): string {
  const plain = finished(cards).map(({ id: _, ...card }) =>
    card.kind === "flip" ? { ...card, result: card.result.view } : card,
  );
  return `${JSON.stringify(plain.length === 1 ? plain[0] : plain, null, 2)}\n`;
}

export function toMarkdown(cards: readonly ResultCard[]): string {
  return finished(cards).map(markdownOf).join("\n");
}

const header = [
  "name",
  "from",
  "to",
  "flipped",
  "P(to) before",
  "P(to) after",
  "score",
  "projection",
  "deltaNorm",
  "steps",
];

/** One line a flip; completions and applications have other figures and are left to the other formats. */
export function toCsv(cards: readonly ResultCard[]): string {
  const flips = finished(cards).filter((card) => card.kind === "flip");
  const rows = flips.map(({ result: { view } }) => {
    const { name, from, to, flipped, score, projection, deltaNorm, losses } = view;
    const [before, after] = [view.before, view.after].map(({ probability }) => probability[to] ?? null);
    return [name, from, to, flipped, before ?? null, after ?? null, score, projection, deltaNorm, losses.length];
  });
  return csv(header, rows);
}

function finished(cards: readonly ResultCard[]): FinishedCard[] {
  return cards.flatMap((card) => toFinished(card) ?? []);
}

function markdownOf(card: FinishedCard): string {
  if (card.kind === "completion") {
    const edits = card.edits.length > 0 ? t("with edits of {0}", card.edits.join(", ")) : t("without edits");
    return `### ${code(card.prompt)}\n\n${edits}\n\n> ${quote(card.result.completion)}\n`;
  }
  const result = card.kind === "flip" ? card.result.view : card.result;
  const lines = [
    `> ${t("before")}: ${quote(result.before.completion)}`,
    `> ${t("after")}: ${quote(result.after.completion)}`,
  ];
  if (card.kind === "application") {
    return `### ${card.name} · ${signed(card.scale)} g\n\n${lines.join("\n>\n")}\n`;
  }
  const { prompt, from, to, score, projection, deltaNorm, before, after } = card.result.view;
  const labels = [from, to].map(
    (label) => `P(${label}) ${percent(before.probability[label] ?? 0)} → ${percent(after.probability[label] ?? 0)}`,
  );
  const figures = [
    ...labels,
    ...(score === null ? [] : [t("classifier score {0}", signed(score, 2))]),
    ...(projection === null ? [] : [t("projection {0}", signed(projection))]),
    `‖Δv‖ ${fixed(deltaNorm)}`,
  ];
  return `### ${card.name} · ${answerOf(before.completion, [from, to])} → ${to}\n\n${code(prompt)}\n\n${lines.join("\n>\n")}\n\n${figures.join(" · ")}\n`;
}

function quote(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

function code(text: string): string {
  return `\`${quote(text).replaceAll("`", "'")}\``;
}
