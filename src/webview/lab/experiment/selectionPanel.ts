/** The selected name, or two beside each other. */
import { t } from "@vscode/l10n";
import type { Point, Report } from "../../../protocol/results.ts";
import { textButton } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { columns } from "./rows.ts";

export function selectionPanel(lab: Lab): View<Report> {
  const element = el("section", { class: "selection", "aria-label": t("Selected names") });
  const { post } = lab.host;
  const actions = (point: Point) =>
    el(
      "span",
      { class: "row" },
      textButton(t("Flip and show card"), () => post({ type: "flipName", name: point.name })),
      textButton(t("Show in names file"), () => post({ type: "revealName", name: point.name })),
    );
  const table = (points: readonly Point[]) =>
    el(
      "table",
      { class: "data compare" },
      el("thead", {}, el("tr", {}, el("td"), ...points.map((point) => el("th", { scope: "col" }, point.name)))),
      el(
        "tbody",
        {},
        ...columns()
          .filter((column) => column.id !== "name")
          .map((column) =>
            el(
              "tr",
              {},
              el("th", { scope: "row", title: column.hint }, column.title),
              ...points.map((point) => el("td", {}, column.show(point))),
            ),
          ),
        el("tr", {}, el("td"), ...points.map((point) => el("td", {}, actions(point)))),
      ),
    );
  return {
    element,
    update(report) {
      const byName = new Map(report.points.map((point) => [point.name, point]));
      const points = lab.selection.names.flatMap((name) => byName.get(name) ?? []);
      setVisible(element, points.length > 0);
      const heading = points.length === 2 ? t("Compared") : t("Selected");
      const clear = textButton(t("Clear"), () => lab.selection.set([]));
      element.replaceChildren(
        el("div", { class: "row spread" }, el("h3", {}, heading), clear),
        ...(points.length > 0 ? [table(points)] : []),
      );
    },
  };
}
