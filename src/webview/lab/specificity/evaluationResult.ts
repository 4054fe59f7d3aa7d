/** A finished evaluation: the verdict in words, the measures, other facts, worst examples, what the model writes. */
import { t } from "@vscode/l10n";
import type { Evaluation } from "../../../protocol/measurements.ts";
import { duration } from "../../../text/amounts.ts";
import { direction } from "../../../text/words.ts";
import { textButton } from "../../controls.ts";
import { el, setText } from "../../dom.ts";
import { beforeAfter } from "../../parts.ts";
import { dataTable, type Table } from "../../table.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { evaluationCsv, factsTable, measuresTable, runName, verdict, worstTable } from "./evaluationTables.ts";

function titled(table: Table): HTMLElement {
  const scroll = { class: "table-scroll", tabindex: "0", role: "group", "aria-label": table.caption };
  return el("div", {}, el("h3", {}, table.caption), el("div", scroll, dataTable(table)));
}

/** What the model goes on to write of the one edited name, before and after. */
function generations({ runs, concept }: Evaluation): HTMLElement | false {
  const [edit, ...further] = runs[0]?.each ?? [];
  if (!edit || further.length > 0) return false;
  return el(
    "div",
    { class: "stack" },
    el("h3", {}, t("What the model writes")),
    ...edit.generations.map(({ prompt, before, after }) =>
      beforeAfter(`${prompt}${before}`, `${prompt}${after}`, concept.labels),
    ),
  );
}

export function evaluationResult(lab: Lab): View<Evaluation> {
  let evaluation: Evaluation | undefined;
  const words = el("div", { class: "verdicts" });
  const tables = el("div", { class: "stack" });
  const about = el("p", { class: "quiet" });
  const exportCsv = textButton(t("Export CSV…"), () => {
    if (!evaluation) return;
    lab.host.post({ type: "exportCsv", csv: evaluationCsv(evaluation), suggestedName: "evaluation.csv" });
  });
  return {
    element: el(
      "section",
      { class: "stack", "aria-label": t("Evaluation") },
      el("div", { class: "row" }, el("h2", {}, t("Evaluation")), el("span", { class: "grow" }), exportCsv),
      words,
      tables,
      about,
    ),
    update(now) {
      evaluation = now;
      const { runs, model, layer, suite, seed, seconds } = now;
      const [first] = runs;
      words.replaceChildren(
        ...runs.map((run) => el("p", {}, runs.length > 1 && el("strong", {}, `${runName(run)}: `), verdict(now, run))),
      );
      const worst = worstTable(now);
      const parts = [
        titled(measuresTable(now)),
        titled(factsTable(now)),
        worst.rows.length > 0 && titled(worst),
        generations(now),
      ];
      tables.replaceChildren(...parts.filter((part) => part !== false));
      const only = first?.each.length === 1 ? first.each[0] : undefined;
      const facts = [
        model.name,
        t("layer {0}", layer),
        only ? `${only.name} ${direction(only.from, only.to)}` : t("{0} edits, each alone", first?.edits ?? 0),
        t("{0} other names for each", suite.neighbours),
        t("seed {0}", seed),
        duration(seconds),
      ];
      setText(about, facts.join(" · "));
    },
  };
}
