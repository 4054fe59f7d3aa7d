/** The four-way table: what +scale·g and −scale·g do to names of either label. */
import { t } from "@vscode/l10n";
import { outOf, signed, typesetPercent } from "../../../text/numbers.ts";
import { direction } from "../../../text/words.ts";
import { el, setAttribute, setText } from "../../dom.ts";
import { meanings } from "../../text/meanings.ts";
import type { View } from "../../view.ts";
import { type Measured, type Part, type Sign, shareAt } from "./sweep.ts";

export interface RatesValue {
  readonly sweep: readonly Measured[];
  readonly scale: number;
  readonly labels: readonly [string, string];
}

export function rates(): View<RatesValue> {
  const cell = (sign: Sign, part: Part) => {
    const meaning = part === "changed" ? meanings.changedAt() : meanings.stayedAt();
    const title = el("dt");
    const value = el("span", { class: "tile-value number" });
    const detail = el("span", { class: "quiet" });
    return {
      sign,
      part,
      title,
      value,
      detail,
      element: el("div", { class: "tile", title: meaning }, title, el("dd", {}, value, detail)),
    };
  };
  const cells = [
    cell("plus", "changed"),
    cell("plus", "stayed"),
    cell("minus", "changed"),
    cell("minus", "stayed"),
  ] as const;
  const plus = el("h3");
  const minus = el("h3");
  const groups = [
    el("section", { class: "sign" }, plus, el("dl", { class: "tiles" }, cells[0].element, cells[1].element)),
    el("section", { class: "sign" }, minus, el("dl", { class: "tiles" }, cells[2].element, cells[3].element)),
  ] as const;
  return {
    element: el("div", { class: "signs" }, ...groups),
    update({ sweep, scale, labels }) {
      const [first, second] = labels;
      const size = Math.abs(scale);
      setText(plus, t("{0} g", signed(size, 2)));
      setText(minus, t("{0} g", signed(-size, 2)));
      setAttribute(groups[0], "aria-current", scale >= 0 ? "true" : null);
      setAttribute(groups[1], "aria-current", scale < 0 ? "true" : null);
      for (const { sign, part, title, value, detail } of cells) {
        const { share, counts } = shareAt(sweep, sign, part, scale);
        const [from, to] = sign === "plus" ? [first, second] : [second, first];
        setText(title, part === "changed" ? direction(from, to) : t("{0} stays {0}", to));
        setText(value, share === null ? "–" : typesetPercent(share));
        const between = share === null ? t("not tried at this scale") : t("between two scales that were tried");
        setText(detail, counts ? outOf(counts.count, counts.total) : between);
      }
    },
  };
}
