/** A finished sweep over the layers: its chart and what can be saved of it. */
import { t } from "@vscode/l10n";
import type { Layers } from "../../../protocol/measurements.ts";
import { duration } from "../../../text/amounts.ts";
import { el, setText } from "../../dom.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { layersChart } from "./layersChart.ts";

export function layersResult(lab: Lab): View<Layers> {
  const about = el("p", { class: "quiet" });
  const chart = layersChart(lab.host);
  return {
    element: el("section", { class: "stack", "aria-label": t("Which layer?") }, chart.element, about),
    update(now) {
      const { names, model, key, contexts, seconds } = now;
      const who = names.length === 1 ? (names[0] ?? "") : t("{0} names", names.length);
      const facts = [model.name, who, key, t("{0} prefix contexts", contexts), duration(seconds)];
      setText(about, facts.join(" · "));
      chart.update(now);
    },
  };
}
