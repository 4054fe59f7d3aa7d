/** A finished lens: the grid, the ten likeliest words of a cell, what can be saved. */
import { t } from "@vscode/l10n";
import { type Lens, type LensView, lensViews } from "../../../protocol/lens.ts";
import { duration } from "../../../text/amounts.ts";
import { lensCsv } from "../../../text/lensCsv.ts";
import { lensPicture } from "../../../text/lensPicture.ts";
import { visibleToken } from "../../../text/words.ts";
import { cellGrid, type Place } from "../../charts/cellGrid.ts";
import { dropdown } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import { exportedPicture, exportMenu } from "../../exportMenu.ts";
import { note } from "../../parts.ts";
import { dataTable } from "../../table.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";

import { type LensSide, lensGrid, lensSides, wordRows } from "./cells.ts";
import { fitText, lensTitle } from "./fit.ts";

export function lensResult(lab: Lab): View<Lens> {
  let lens: Lens | undefined;
  let place: Place | undefined;
  let view: LensView = "words";
  let side: LensSide = "before";
  const warnings = el("div", { class: "notes" });
  const about = el("p", { class: "quiet" });
  const opened = el("h3");
  const words = el("div", { class: "cell-words" });
  const detail = el("section", { class: "stack", "aria-live": "polite" }, opened, words);
  const titles: Record<LensView, string> = {
    words: t("Likeliest word"),
    rank: t("Rank of the word"),
    entropy: t("Entropy"),
    kl: t("KL to the output"),
  };
  const sideTitles: Record<LensSide, string> = {
    before: t("Before the edits"),
    after: t("With the edits"),
    change: t("What they changed"),
  };
  const views = dropdown(
    t("What the cells show"),
    lensViews.map((value) => ({ value, label: titles[value] })),
    (value) => {
      view = lensViews.find((known) => known === value) ?? "words";
      draw();
    },
  );
  const sides = dropdown(
    t("Which model"),
    lensSides.map((value) => ({ value, label: sideTitles[value] })),
    (value) => {
      side = lensSides.find((known) => known === value) ?? "before";
      draw();
    },
  );
  const grid = cellGrid(t("What each layer would say"), (chosen) => {
    place = chosen;
    drawDetail();
  });
  const exports = exportMenu(lab.host, "lens", () => {
    const now = lens;
    return (
      now &&
      exportedPicture(
        () => lensCsv(now),
        () => lensPicture(now),
      )
    );
  });

  function draw(): void {
    if (!lens) return;
    grid.update(lensGrid(lens, view, side));
    setVisible(sides.element, lens.after !== undefined);
    drawDetail();
  }
  function drawDetail(): void {
    setVisible(detail, place !== undefined);
    if (!lens || !place) return;
    const layer = lens.cells.length - 1 - place.row;
    const token = lens.tokens[place.column];
    const before = lens.cells[layer]?.[place.column];
    if (token === undefined || !before) {
      setVisible(detail, false);
      return;
    }
    setText(opened, t("After {0}, layer {1} would say", visibleToken(token), layer));
    const listed = (caption: string, cell: typeof before | undefined) =>
      dataTable({ caption, header: [caption, t("probability")], rows: wordRows(cell) });
    words.replaceChildren(
      listed(lens.after ? t("before") : t("word"), before),
      ...(lens.after ? [listed(t("after"), lens.after[layer]?.[place.column])] : []),
    );
  }
  return {
    element: el(
      "section",
      { class: "stack", "aria-label": t("Lens") },
      el("div", { class: "row" }, views.element, sides.element, el("span", { class: "grow" }), exports),
      warnings,
      grid.element,
      detail,
      about,
    ),
    update(now) {
      const hadEdits = lens?.after !== undefined;
      lens = now;
      // What just became possible is shown; what is gone is not.
      if (now.after === undefined) side = "before";
      else if (!hadEdits) side = "after";
      sides.set(side);
      views.set(view);
      const facts = [
        now.model.name,
        lensTitle(now.kind),
        ...(now.fit ? [fitText(now.fit)] : []),
        duration(now.seconds),
      ];
      setText(about, facts.join(" · "));
      warnings.replaceChildren(...now.warnings.map((text) => note("warning", text)));
      draw();
    },
  };
}
