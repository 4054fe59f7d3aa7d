/** The experiment in four figures, and under them how it was made. */
import { t } from "@vscode/l10n";
import type { Report } from "../../../protocol/results.ts";
import { count, fixed, outOf, typesetPercent } from "../../../text/numbers.ts";
import { el } from "../../dom.ts";
import { meanings } from "../../text/meanings.ts";
import type { View } from "../../view.ts";

/** One figure with its name and what stands behind it. */
function figureTile(name: string, value: string, detail: string, help: string): HTMLElement {
  return el(
    "div",
    { class: "tile", title: help },
    el("dt", {}, name),
    el("dd", {}, el("span", { class: "tile-value number" }, value), el("span", { class: "quiet" }, detail)),
  );
}

function unexpected(report: Report): HTMLElement | null {
  const list = report.recorded.unexpected;
  if (list.length === 0) return null;
  const title =
    list.length === 1
      ? t("1 name for which the model's answer is not the one in the names file")
      : t("{0} names for which the model's answer is not the one in the names file", count(list.length));
  const items = list.map(({ name, expected, from }) =>
    el("li", {}, el("strong", {}, name), ` ${t("file: {0}, model: {1}", expected, from)}`),
  );
  return el("details", {}, el("summary", {}, title), el("ul", { class: "plain-list" }, ...items));
}

function resisting(report: Report): HTMLElement | null {
  const { failures } = report.recorded;
  if (failures.length === 0) return null;
  const title = failures.length === 1 ? t("1 name did not flip") : t("{0} names did not flip", count(failures.length));
  return el("details", {}, el("summary", {}, title), el("p", {}, failures.join(", ")));
}

function balancedTile({ value, interval95 }: NonNullable<Report["classifier"]["balancedAccuracy"]>): HTMLElement {
  const [low, high] = interval95.map((end) => typesetPercent(end)) as [string, string];
  const range = t("95 %: {0} to {1}", low, high);
  return figureTile(t("Balanced accuracy"), typesetPercent(value), range, meanings.balancedAccuracy());
}

export function figures(): View<Report> {
  const tiles = el("dl", { class: "tiles" });
  const made = el("p", { class: "quiet" });
  const lists = el("div", { class: "stack" });
  return {
    element: el("section", { class: "stack", "aria-label": t("The experiment in figures") }, tiles, made, lists),
    update(report) {
      const { recorded, classifier } = report;
      const { interval95, balancedAccuracy, shuffledLabels, onValues } = classifier;
      tiles.replaceChildren(
        figureTile(
          t("Edits"),
          count(recorded.total),
          t("{0} steps on average", fixed(recorded.meanEvaluations, 1)),
          meanings.edits(),
        ),
        figureTile(
          t("Flipped"),
          typesetPercent(recorded.flipped / recorded.total),
          outOf(recorded.flipped, recorded.total),
          meanings.flipped(),
        ),
        figureTile(
          t("Test accuracy"),
          typesetPercent(classifier.testAccuracy),
          t("95 %: {0} to {1}", typesetPercent(interval95[0]), typesetPercent(interval95[1])),
          meanings.testAccuracy(),
        ),
        ...(balancedAccuracy ? [balancedTile(balancedAccuracy)] : []),
        figureTile(
          t("Shuffled labels"),
          typesetPercent(shuffledLabels.mean),
          t(
            "{0} to {1}; chance is {2}",
            typesetPercent(shuffledLabels.low),
            typesetPercent(shuffledLabels.high),
            typesetPercent(0.5, 0),
          ),
          meanings.shuffledLabels(),
        ),
      );
      const parts = [
        t("model {0}", report.model.name),
        t("layer {0}", report.layer),
        t("prompt “{0}”", report.prompt),
        t("{0} train, {1} test", count(report.split.train), count(report.split.test)),
        t("seed {0}", report.seed),
        onValues ? t("the same classifier on v: {0}", typesetPercent(onValues.testAccuracy)) : "",
      ];
      made.textContent = parts.filter((part) => part !== "").join(" · ");
      lists.replaceChildren(...[unexpected(report), resisting(report)].filter((list) => list !== null));
    },
  };
}
