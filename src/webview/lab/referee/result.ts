/** A verdict card: plain words first, the figures beside them. */
import { t } from "@vscode/l10n";
import type { PhrasedCard, PhrasedCheck } from "../../../protocol/phrasedCard.ts";
import type { ComparedVector, Figure, FourRates, RefereeCard } from "../../../protocol/referee.ts";
import { csv } from "../../../text/csv.ts";
import { fixed, typesetPercent } from "../../../text/numbers.ts";
import { figureText } from "../../../text/referee.ts";
import { textButton } from "../../controls.ts";
import { el, setText } from "../../dom.ts";
import { dataTable, type Table } from "../../table.ts";
import type { View } from "../../view.ts";
import { inReadersWords } from "../../worded.ts";
import type { Lab } from "../lab.ts";
import { checkTitles, vectorTitles, verdictWords } from "./words.ts";

const marks = { holds: "✓", fails: "✗", undecided: "?" };

export function refereeResult(lab: Lab): View<PhrasedCard> {
  let card: PhrasedCard | undefined;
  const lead = el("p", { class: "lead" });
  const summary = el("ul", { class: "sentences" });
  const checks = el("div", { class: "stack" });
  const vectors = el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": t("Vectors") });
  const about = el("p", { class: "quiet" });
  const exportCsv = textButton(t("Export CSV…"), () => {
    if (card) lab.host.post({ type: "exportCsv", csv: figuresCsv(card), suggestedName: "referee.csv" });
  });
  return {
    element: el(
      "section",
      { class: "stack", "aria-label": t("Verdict card") },
      el("div", { class: "row" }, el("h2", {}, t("Verdict card")), el("span", { class: "grow" }), exportCsv),
      lead,
      summary,
      checks,
      el("h3", {}, t("Vectors")),
      vectors,
      about,
    ),
    update(now) {
      card = now;
      const [first = "", ...rest] = now.sentences.map(inReadersWords);
      setText(lead, first);
      summary.replaceChildren(...rest.map((sentence) => el("li", {}, sentence)));
      checks.replaceChildren(...now.checks.map(checkView));
      vectors.replaceChildren(dataTable(vectorsTable(now)));
      const facts = [now.model.name, t("layer {0}", now.layer), t("seed {0}", now.seed)];
      setText(about, facts.join(" · "));
    },
  };
}

function checkView({ id, verdict, figures, says: { claim, threshold, notes } }: PhrasedCheck): HTMLElement {
  const table = {
    caption: checkTitles()[id],
    header: [t("Figure"), t("Value"), "95 %", t("Bound")],
    rows: figures.map(({ says, value, interval, unit, bound }) => [
      inReadersWords(says),
      figureText({ value, unit }),
      intervalWords(interval, unit),
      boundWords(bound, unit),
    ]),
  };
  return el(
    "details",
    {},
    el("summary", {}, `${marks[verdict]} ${checkTitles()[id]}: ${verdictWords()[verdict]}`),
    el("p", { class: "quiet" }, t("{0} {1}.", inReadersWords(claim), inReadersWords(threshold))),
    el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": table.caption }, dataTable(table)),
    ...notes.map((note) => el("p", { class: "quiet" }, inReadersWords(note))),
  );
}

function intervalWords(interval: Figure["interval"], unit: Figure["unit"]): string {
  if (!interval) return "";
  const [low, high] = interval.map((value) => figureText({ value, unit })) as [string, string];
  return t("{0} to {1}", low, high);
}

function boundWords(bound: Figure["bound"], unit: Figure["unit"]): string {
  if (!bound) return "";
  const value = figureText({ value: bound.value, unit });
  return bound.side === "atLeast" ? t("at least {0}", value) : t("at most {0}", value);
}

const rate = ({ count, total }: FourRates["plusChanged"]) => (total === 0 ? "–" : typesetPercent(count / total));

function vectorsTable({ vectors, concept: { labels } }: RefereeCard): Table {
  const [first, second] = labels;
  const row = ({ name, length, rates, random, collateral }: ComparedVector) => [
    vectorTitles()[name],
    fixed(length, 2),
    rate(rates.plusChanged),
    rate(rates.plusStayed),
    rate(rates.minusChanged),
    rate(rates.minusStayed),
    typesetPercent(random),
    collateral.facts === null ? "–" : typesetPercent(collateral.facts),
  ];
  return {
    caption: t("Vectors, each at the length that is best for it on other names"),
    header: [
      t("Vector"),
      t("Length"),
      `${first} → ${second}`,
      t("{0} stays", second),
      `${second} → ${first}`,
      t("{0} stays", first),
      t("Random signs turn"),
      t("Other facts stay"),
    ],
    rows: vectors.map(row),
  };
}

function figuresCsv({ checks }: RefereeCard): string {
  return csv(
    ["check", "verdict", "figure", "value", "low", "high"],
    checks.flatMap(({ id, verdict, figures }) =>
      figures.map(({ name, value, interval }) => [id, verdict, name, value, interval?.[0] ?? "", interval?.[1] ?? ""]),
    ),
  );
}
