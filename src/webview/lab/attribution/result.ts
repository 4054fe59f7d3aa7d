/** A finished attribution: the sum, what carries it, the grid of shares, the pattern of a head. */
import { t } from "@vscode/l10n";
import type { Attribution } from "../../../protocol/attribution.ts";
import { duration } from "../../../text/amounts.ts";
import { attributionCsv } from "../../../text/attributionCsv.ts";
import { attributionPicture } from "../../../text/attributionPicture.ts";
import { carriers, carrierText } from "../../../text/carriers.ts";
import { signed } from "../../../text/numbers.ts";
import { visibleToken } from "../../../text/words.ts";
import { cellGrid } from "../../charts/cellGrid.ts";
import { dropdown } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import { exportedPicture, exportMenu } from "../../exportMenu.ts";
import { note } from "../../parts.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { type AttributionSide, attributionGrid, attributionSides, partColumns, patternGrid } from "./cells.ts";

/** Parts named as what carries most. */
const named = 5;

/** @param open asks for the pattern of a head */
export function attributionResult(lab: Lab, open: (head: { layer: number; head: number }) => void): View<Attribution> {
  let found: Attribution | undefined;
  let side: AttributionSide = "before";
  const sum = el("p", { role: "status" });
  const carried = el("p");
  const warnings = el("div", { class: "notes" });
  const about = el("p", { class: "quiet" });
  const titles: Record<AttributionSide, string> = {
    before: t("Before the edits"),
    after: t("With the edits"),
    change: t("What they changed"),
  };
  const sides = dropdown(
    t("Which model"),
    attributionSides.map((value) => ({ value, label: titles[value] })),
    (value) => {
      side = attributionSides.find((known) => known === value) ?? "before";
      draw();
    },
  );
  const grid = cellGrid(t("Shares of the difference"), ({ row, column }) => {
    if (!found || row === 0 || row > found.layers.length || column < partColumns) return;
    open({ layer: row - 1, head: column - partColumns });
  });
  const patternTitle = el("h3");
  const pattern = cellGrid(t("What each token looks at"), () => {});
  const looked = el("section", { class: "stack" }, patternTitle, pattern.element);
  const exports = exportMenu(lab.host, "attribution", () => {
    const now = found;
    return (
      now &&
      exportedPicture(
        () => attributionCsv(now),
        () => attributionPicture(now),
      )
    );
  });

  function draw(): void {
    if (!found) return;
    grid.update(attributionGrid(found, side));
    setVisible(looked, found.pattern !== undefined);
    if (!found.pattern) return;
    const { layer, head, before, after } = found.pattern;
    setText(patternTitle, t("Head {0}.{1}: what each token looks at, in per cent", layer, head));
    pattern.update(patternGrid(found.tokens, side === "before" || !after ? before : after));
  }
  return {
    element: el(
      "section",
      { class: "stack", "aria-label": t("Attribution") },
      sum,
      carried,
      el("div", { class: "row" }, sides.element, el("span", { class: "grow" }), exports),
      warnings,
      grid.element,
      looked,
      about,
    ),
    update(now) {
      const hadEdits = found?.after !== undefined;
      found = now;
      if (now.after === undefined) side = "before";
      else if (!hadEdits) side = "change";
      sides.set(side);
      setVisible(sides.element, now.after !== undefined);
      const [a, b] = now.targets.map(({ token }) => visibleToken(token));
      const to = now.after ? ` → ${signed(now.after.difference, 2)}` : "";
      setText(sum, `logit(${a}) − logit(${b}): ${signed(now.difference, 2)}${to}`);
      const most = carriers(now, now.after)
        .slice(0, named)
        .map((carrier) => carrierText(carrier, now.tokens));
      setText(
        carried,
        now.after
          ? t("The edits' {0}: {1}", signed(now.after.difference - now.difference, 2), most.join(", "))
          : t("Most of it: {0}", most.join(", ")),
      );
      setText(about, [now.model.name, t("every norm at this run's own scale"), duration(now.seconds)].join(" · "));
      warnings.replaceChildren(...now.warnings.map((text) => note("warning", text)));
      draw();
    },
  };
}
