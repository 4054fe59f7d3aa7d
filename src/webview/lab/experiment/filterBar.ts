/** What the table of edits lets through: a text in the name, a direction, a part of the names. */
import { t } from "@vscode/l10n";
import { direction } from "../../../text/words.ts";
import { dropdown } from "../../controls.ts";
import { el } from "../../dom.ts";
import type { View } from "../../view.ts";
import type { Filter } from "./rows.ts";

export function filterBar(
  initial: Filter,
  change: (part: Partial<Filter>) => void,
): View<{ filter: Filter; labels: readonly [string, string] }> {
  const search = el("input", { type: "search", placeholder: t("Filter names"), "aria-label": t("Filter names") });
  search.value = initial.text;
  search.addEventListener("input", () => change({ text: search.value }));
  const byDirection = dropdown(t("Direction"), [], (value) => change({ direction: value as Filter["direction"] }));
  const bySubset = dropdown(
    t("Which names"),
    [
      { value: "all", label: t("All names") },
      { value: "train", label: t("Training names") },
      { value: "test", label: t("Test names") },
      { value: "unflipped", label: t("Did not flip") },
      { value: "misread", label: t("Classifier is wrong") },
    ],
    (value) => change({ subset: value as Filter["subset"] }),
  );
  return {
    element: el("div", { class: "filters" }, search, byDirection.element, bySubset.element),
    update({ filter, labels }) {
      const [first, second] = labels;
      byDirection.setChoices([
        { value: "both", label: t("Both directions") },
        { value: "first", label: direction(first, second) },
        { value: "second", label: direction(second, first) },
      ]);
      byDirection.set(filter.direction);
      bySubset.set(filter.subset);
    },
  };
}
