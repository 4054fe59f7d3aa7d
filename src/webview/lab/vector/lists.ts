/** The names that resist the vector, and the edits that are the vector almost alone. */
import { t } from "@vscode/l10n";
import type { Report } from "../../../protocol/results.ts";
import { count, fixed, signed } from "../../../text/numbers.ts";
import { direction } from "../../../text/words.ts";
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

/** How many names stand at each end. */
const atEachEnd = 8;

/** Which recorded edits are the vector almost alone, and which go another way: cosines of Δv with g. */
export function mostAlong(tryIt: (name: string) => void): View<Report> {
  const body = el("tbody");
  const about = el("p", { class: "quiet" });
  return {
    element: el(
      "section",
      { class: "stack" },
      el("h3", {}, t("Edits along g, and edits beside it")),
      about,
      el(
        "div",
        { class: "table-scroll" },
        el(
          "table",
          { class: "data along" },
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              ...[t("Name"), t("Direction"), t("cos(Δv, g)")].map((name) => el("th", { scope: "col" }, name)),
            ),
          ),
          body,
        ),
      ),
    ),
    update({ points }) {
      const cosines = points
        .map((point) => ({ ...point, cosine: point.deltaNorm > 0 ? point.projection / point.deltaNorm : 0 }))
        .sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine));
      const mean = cosines.reduce((sum, { cosine }) => sum + Math.abs(cosine), 0) / Math.max(1, cosines.length);
      setText(about, t("|cos| is {0} on average; 1 would be g and nothing else.", fixed(mean, 2)));
      const ends =
        cosines.length > 2 * atEachEnd ? [...cosines.slice(0, atEachEnd), ...cosines.slice(-atEachEnd)] : cosines;
      body.replaceChildren(
        ...ends.map(({ name, from, to, cosine }) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              textButton(name, () => tryIt(name)),
            ),
            el("td", {}, direction(from, to)),
            el("td", {}, signed(cosine, 2)),
          ),
        ),
      );
    },
  };
}
