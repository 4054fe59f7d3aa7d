/** The names that resist the vector, and the vector's largest components. */
import { t } from "@vscode/l10n";
import type { Report } from "../../../protocol/results.ts";
import { count, signed, threeDigits } from "../../../text/numbers.ts";
import { textButton } from "../../controls.ts";
import { el, setText } from "../../dom.ts";
import type { View } from "../../view.ts";
import { resistingNames } from "./sweep.ts";

/** Failing names with what the model says of them, at the tried scale nearest to the slider's. */
export function resistingList(tryIt: (name: string) => void): View<{ report: Report; scale: number }> {
  const title = el("h3", {}, t("Names that resist"));
  const about = el("p", { class: "quiet" });
  const list = el("ul", { class: "resisting" });
  let drawn: unknown;
  return {
    element: el("section", { class: "stack" }, title, about, list),
    update({ report, scale }) {
      const found = resistingNames(report.transfer, scale);
      const key = `${report.model.fingerprint} ${found?.scale}`;
      if (key === drawn) return;
      drawn = key;
      if (!found) return setText(about, t("No scale was tried yet."));
      const { names } = found;
      setText(
        about,
        names.length === 0
          ? t("At {0} g none of the names resists.", signed(found.scale, 2))
          : t("{0} at {1} g, with what the model says of them:", count(names.length), signed(found.scale, 2)),
      );
      list.replaceChildren(
        ...names.map(({ name, completion }) =>
          el(
            "li",
            {},
            textButton(name, () => tryIt(name)),
            el("span", { class: "quiet" }, completion.trim()),
          ),
        ),
      );
    },
  };
}

/** The components with the largest weights, as bars to the left (negative) or right of a middle line. */
export function largestComponents(): View<Report> {
  const body = el("tbody");
  return {
    element: el(
      "section",
      { class: "stack" },
      el("h3", {}, t("Largest components")),
      el(
        "table",
        { class: "data components" },
        el(
          "thead",
          { class: "visually-hidden" },
          el("tr", {}, ...[t("Component"), t("Weight"), t("Bar")].map((name) => el("th", { scope: "col" }, name))),
        ),
        body,
      ),
    ),
    update({ vector }) {
      const largest = Math.max(...vector.largest.map(({ weight }) => Math.abs(weight)));
      body.replaceChildren(
        ...vector.largest.slice(0, 16).map(({ component, weight }) => {
          const bar = el("span", { class: `component-bar ${weight < 0 ? "negative" : "positive"}` });
          bar.style.width = `${(Math.abs(weight) / largest) * 50}%`;
          return el(
            "tr",
            {},
            el("th", { scope: "row" }, `#${component}`),
            el("td", {}, signed(weight, threeDigits(largest))),
            el("td", { class: "component", "aria-hidden": "true" }, bar),
          );
        }),
      );
    },
  };
}
