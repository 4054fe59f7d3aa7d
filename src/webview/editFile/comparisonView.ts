/** This file beside another one: cosines and norms of the edits that have a partner. */
import { t } from "@vscode/l10n";
import type { EditComparison } from "../../protocol/editFile.ts";
import type { ShownComparison } from "../../protocol/editFileView.ts";
import { fixed } from "../../text/numbers.ts";
import { textButton } from "../controls.ts";
import { el, setVisible } from "../dom.ts";
import { note } from "../parts.ts";
import { dataTable } from "../table.ts";
import type { View } from "../view.ts";

const cosine = (value: number | null): string => (value === null ? "–" : fixed(value, 3));
/** One text where both files agree. */
const both = ([a, b]: readonly [string | number, string | number]): string => (a === b ? `${a}` : `${a} / ${b}`);
const norms = ([a, b]: readonly [number, number]): string => `${fixed(a, 2)} / ${fixed(b, 2)}`;

function result({ pairs, only: [here, there], differences }: EditComparison, file: string): HTMLElement[] {
  const table = dataTable({
    caption: t("Edits of both files"),
    header: [t("Edit"), t("Layer"), "cos Δv", t("cos update"), "‖Δv‖", t("‖update‖")],
    rows: pairs.map((pair) => [
      both(pair.names),
      both(pair.layers),
      cosine(pair.deltaCosine),
      cosine(pair.updateCosine),
      norms(pair.deltaNorms),
      norms(pair.updateNorms),
    ]),
  });
  const alone = (names: readonly string[]) => names.join(", ");
  return [
    ...(differences.length > 0
      ? [note("warning", t("The files were made for different models: {0}.", differences.join("; ")))]
      : []),
    ...(pairs.length > 0
      ? [
          el("div", { class: "scroll", tabindex: "0" }, table),
          el("p", { class: "quiet" }, t("Where two values stand, the first is this file's. The update is r uᵀ.")),
        ]
      : [note("info", t("No edit of this file has the name of one of the other file."))]),
    ...(here.length > 0 ? [el("p", {}, t("Only in this file: {0}", alone(here)))] : []),
    ...(there.length > 0 ? [el("p", {}, t("Only in {0}: {1}", file, alone(there)))] : []),
  ];
}

function content(comparison: ShownComparison): HTMLElement[] {
  switch (comparison.state) {
    case "running":
      return [el("p", { class: "quiet" }, t("Comparing…"))];
    case "failed":
      return [note("error", comparison.failure.message)];
    case "done":
      return result(comparison.result, comparison.file);
    default:
      return comparison satisfies never;
  }
}

export function comparisonView(close: () => void): View<ShownComparison | null> {
  const element = el("section", { class: "comparison", "aria-live": "polite" });
  let drawn = "";
  return {
    element,
    update(comparison) {
      setVisible(element, comparison !== null);
      const now = JSON.stringify(comparison);
      if (now === drawn) return;
      drawn = now;
      if (!comparison) return element.replaceChildren();
      const head = el(
        "div",
        { class: "row spread" },
        el("h2", {}, t("Compared with {0}", comparison.file)),
        textButton(t("Close the comparison"), close),
      );
      element.replaceChildren(head, ...content(comparison));
    },
  };
}
