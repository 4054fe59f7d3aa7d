/** A finished trace: what the noise took, the three heat maps, what can be saved of them. */
import { t } from "@vscode/l10n";
import { type Trace, traceKinds } from "../../../protocol/measurements.ts";
import { duration } from "../../../text/amounts.ts";
import { signed, typesetPercent } from "../../../text/numbers.ts";
import { traceCsv } from "../../../text/traceCsv.ts";
import { el, setText } from "../../dom.ts";
import { exportMenu } from "../../exportMenu.ts";
import { note } from "../../parts.ts";
import { readPalette } from "../../theme.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { fullEffect, isSpared } from "./cells.ts";
import { tracePng, traceSvg } from "./drawing.ts";
import { heatMap } from "./heatMap.ts";

export function traceResult(lab: Lab): View<Trace> {
  let trace: Trace | undefined;
  const words = el("p");
  const legend = el("p", { class: "quiet" });
  const [least, none, most] = [el("span"), el("span", {}, "0"), el("span")];
  const scale = el(
    "div",
    { class: "colour-scale number quiet" },
    el("div", { class: "colour-scale-bar", "aria-hidden": "true" }),
    el("div", { class: "row spread" }, least, none, most),
  );
  const about = el("p", { class: "quiet" });
  const warnings = el("div", { class: "notes" });
  const maps = traceKinds.map((kind) => heatMap(kind));
  const exports = exportMenu(lab.host, "causal-trace", () => {
    const now = trace;
    return (
      now && {
        csv: () => traceCsv(traceKinds, now),
        svg: () => traceSvg(now, readPalette()),
        png: () => tracePng(now, readPalette()),
      }
    );
  });
  return {
    element: el(
      "section",
      { class: "stack", "aria-label": t("Causal trace") },
      el("div", { class: "row" }, words, el("span", { class: "grow" }), exports),
      warnings,
      el("div", { class: "charts" }, ...maps.map((map) => map.element)),
      scale,
      legend,
      about,
    ),
    update(now) {
      trace = now;
      const { subjects, template, clean, corrupted, editLayer, model, window, samples, seed, seconds } = now;
      const [only] = subjects;
      setText(
        words,
        subjects.length === 1 && only
          ? t(
              "{0} → {1}: {2}, with noise on the name {3}.",
              template.replace("{}", () => only.subject),
              only.token.trim(),
              typesetPercent(clean),
              typesetPercent(corrupted),
            )
          : t(
              "“{0}” with {1} names: {2}, with noise on the name {3}.",
              template,
              subjects.length,
              typesetPercent(clean),
              typesetPercent(corrupted),
            ),
      );
      setText(
        legend,
        t(
          "The scale is what a place does to the answer's probability; a stroke in a cell: it is taken. Outlined: layer {0}, which edits use. Starred: the name's tokens.",
          editLayer,
        ),
      );
      const facts = [
        model.name,
        t("window {0}", window),
        t("{0} draws of the noise", samples),
        t("seed {0}", seed),
        duration(seconds),
        t("without edits"),
      ];
      setText(about, facts.join(" · "));
      const full = fullEffect(now);
      setText(least, signed(-full, 2));
      setText(most, signed(full, 2));
      const spared = isSpared(now)
        ? [
            t(
              "The noise lowers the answer almost not at all ({0} → {1}): there is little to bring back, and the maps tell little.",
              typesetPercent(clean),
              typesetPercent(corrupted),
            ),
          ]
        : [];
      warnings.replaceChildren(...[...spared, ...now.warnings].map((text) => note("warning", text)));
      for (const map of maps) map.update(now);
    },
  };
}
