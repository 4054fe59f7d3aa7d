/** The page that sets two experiments side by side: their figures, then what their edits look like over one another. */
import { t } from "@vscode/l10n";
import {
  type ComparedExperiment,
  type ComparedExperiments,
  type ComparisonIntent,
  comparisonLayout,
  comparisonMessage,
} from "../../protocol/comparison.ts";
import { count } from "../../text/numbers.ts";
import { textButton } from "../controls.ts";
import { el, setVisible } from "../dom.ts";
import { connect, pageRoot } from "../host.ts";
import { note } from "../parts.ts";
import { dataTable } from "../table.ts";
import { figuresCsv, rowsOf } from "./figures.ts";
import { overlay } from "./overlay.ts";
import "../page.css";
import "../controls.css";
import "../parts.css";
import "../charts/charts.css";
import "./comparison.css";

const host = connect<typeof comparisonMessage, typeof comparisonLayout, ComparisonIntent>(
  comparisonMessage,
  ({ experiments }) => show(experiments),
  comparisonLayout,
);

let reports: Parameters<typeof figuresCsv>[0] | undefined;
const exportFigures = textButton(t("Export CSV…"), () => {
  if (reports) host.post({ type: "exportCsv", csv: figuresCsv(reports), suggestedName: "experiments-compared.csv" });
});
const notes = el("div", { class: "notes" });
const table = el("div", {
  class: "scroll",
  tabindex: "0",
  role: "group",
  "aria-label": t("The experiments in figures"),
});
const norms = overlay(host, {
  title: "‖Δv‖",
  axis: "‖Δv‖",
  file: "delta-norms-compared",
  of: (point) => point.deltaNorm,
});
const scores = overlay(host, {
  title: t("Classifier score"),
  axis: t("logit on Δv"),
  file: "scores-compared",
  of: (point) => point.score,
});

function show(experiments: ComparedExperiments): void {
  const [one, other] = experiments;
  host.save({ folders: [one.folder, other.folder] });
  reports = [one.report, other.report];
  const titles = titlesOf(experiments);
  const rows = rowsOf(reports);
  const drawn = dataTable({
    caption: t("The experiments in figures"),
    header: ["", ...titles, t("Difference")],
    rows: rows.map(({ name, values, difference }) => [name, ...values, difference]),
  });
  drawn.querySelectorAll("tbody th").forEach((heading, i) => {
    const help = rows[i]?.help ?? "";
    if (help !== "") heading.setAttribute("title", help);
  });
  table.replaceChildren(drawn);
  notes.replaceChildren(...cautions(experiments).map((text) => note("warning", text)));
  for (const view of [norms, scores]) view.update({ experiments, titles });
  setVisible(main, true);
}

/** Names and date or origin, the model where there are two, and a number where nothing else tells them apart. */
function titlesOf([one, other]: ComparedExperiments): [string, string] {
  const models = new Set([one, other].map(({ report }) => report.model.name));
  const title = ({ report, date }: ComparedExperiment) =>
    [
      ...(models.size > 1 ? [report.model.name] : []),
      t("{0} names", count(report.recorded.total)),
      date === null
        ? t("came with the extension")
        : new Date(date).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }),
    ].join(" · ");
  const [a, b] = [title(one), title(other)];
  return a === b ? [`1 · ${a}`, `2 · ${b}`] : [a, b];
}

function cautions([one, other]: ComparedExperiments): string[] {
  return [
    one.report.model.fingerprint !== other.report.model.fingerprint || one.report.layer !== other.report.layer
      ? t(
          "They are of different models or layers: lengths of Δv mean something only beside the ‖v‖ of their own model.",
        )
      : "",
    one.report.prompt !== other.report.prompt
      ? t("They ask the model differently, so their figures answer different questions.")
      : "",
  ].filter((text) => text !== "");
}

const main = pageRoot();
main.hidden = true;
main.append(
  el("h1", {}, t("Experiments compared")),
  notes,
  el("div", { class: "row" }, el("span", { class: "grow" }), exportFigures),
  table,
  el(
    "p",
    { class: "quiet" },
    t("Scores are those of each experiment's own classifier. Shares are of each experiment's own names."),
  ),
  el("div", { class: "charts" }, norms.element, scores.element),
);
host.post({ type: "ready" });
