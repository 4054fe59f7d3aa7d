/** Reading a chart with the arrow keys: each step shows, and says, the next point's tooltip; Enter selects it. */
import type { Chart } from "chart.js";
import { setText } from "../dom.ts";
import { type Datum, isBand, type Kind } from "./options.ts";

interface Place {
  readonly datasetIndex: number;
  readonly index: number;
}

export function addKeyboard<K extends Kind, D extends Datum>(
  chart: Chart<K, D[]>,
  spoken: HTMLElement,
  select: (datum: D) => void,
): void {
  const datum = (place: Place): D => chart.data.datasets[place.datasetIndex]?.data[place.index] as D;
  const places = (): Place[] =>
    chart.data.datasets
      .flatMap((dataset, datasetIndex) =>
        dataset.label && !isBand(dataset) ? dataset.data.map((_, index) => ({ datasetIndex, index })) : [],
      )
      .sort((a, b) => datum(a).x - datum(b).x || a.datasetIndex - b.datasetIndex);
  let at: Place | undefined;
  const show = (place: Place | undefined): void => {
    at = place;
    const active = place ? [place] : [];
    chart.setActiveElements(active);
    const element = place && chart.getDatasetMeta(place.datasetIndex).data[place.index];
    chart.tooltip?.setActiveElements(active, { x: element?.x ?? 0, y: element?.y ?? 0 });
    chart.update("none");
    setText(
      spoken,
      place ? [...(chart.tooltip?.title ?? []), ...(chart.tooltip?.body ?? []).flatMap((b) => b.lines)].join(", ") : "",
    );
  };
  const step = (by: number): void => {
    const all = places();
    const now = all.findIndex((place) => place.datasetIndex === at?.datasetIndex && place.index === at.index);
    show(all[now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + by))]);
  };
  chart.canvas.addEventListener("keydown", (event) => {
    const moves: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, PageDown: 20, PageUp: -20 };
    const by = moves[event.key];
    if (by !== undefined) step(by);
    else if (event.key === "Home") show(places()[0]);
    else if (event.key === "End") show(places().at(-1));
    else if (event.key === "Enter" && at) select(datum(at));
    else if (event.key === "Escape") show(undefined);
    else return;
    event.preventDefault();
  });
  // The keyboard goes on from the point that was clicked.
  chart.canvas.addEventListener("click", (event) => {
    const [hit] = chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, false);
    if (hit) at = { datasetIndex: hit.datasetIndex, index: hit.index };
  });
  chart.canvas.addEventListener("blur", () => show(undefined));
}
