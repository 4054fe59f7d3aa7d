/** A finished sweep over the layers: its chart and what can be saved of it. */
import { t } from "@vscode/l10n";
import type { Layers } from "../../../protocol/measurements.ts";
import { duration } from "../../../text/amounts.ts";
import { canvasPng } from "../../charts/png.ts";
import { textButton } from "../../controls.ts";
import { el, setText } from "../../dom.ts";
import { readPalette } from "../../theme.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { layersChart, layersCsv } from "./layersChart.ts";

export function layersResult(lab: Lab): View<Layers> {
  const { post } = lab.host;
  let layers: Layers | undefined;
  const about = el("p", { class: "quiet" });
  const exportCsv = textButton(t("Export CSV…"), () => {
    if (layers) post({ type: "exportCsv", csv: layersCsv(layers), suggestedName: "layers.csv" });
  });
  const exportPng = textButton(t("Export PNG…"), () => {
    const canvas = chart.element.querySelector("canvas");
    if (canvas) post({ type: "exportPng", png: canvasPng(canvas, readPalette()), suggestedName: "layers.png" });
  });
  const chart = layersChart(el("span", { class: "row" }, exportCsv, exportPng));
  return {
    element: el("section", { class: "stack", "aria-label": t("Which layer?") }, chart.element, about),
    update(now) {
      layers = now;
      const { names, model, key, contexts, seconds } = now;
      const who = names.length === 1 ? (names[0] ?? "") : t("{0} names", names.length);
      const facts = [model.name, who, key, t("{0} prefix contexts", contexts), duration(seconds)];
      setText(about, facts.join(" · "));
      chart.update(now);
    },
  };
}
