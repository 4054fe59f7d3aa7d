/** The heat map of one kind of restoration; pointer and arrow keys read its cells. */
import { t } from "@vscode/l10n";
import type { Trace, TraceKind } from "../../../protocol/measurements.ts";
import { signed } from "../../../text/numbers.ts";
import { chartFrame } from "../../charts/frame.ts";
import { el, setAttribute, setText } from "../../dom.ts";
import { onThemeChange, readPalette } from "../../theme.ts";
import type { View } from "../../view.ts";
import { type Cell, cellText, kindTitle, placeLabel, strongestCell } from "./cells.ts";
import { type Area, areaOf, cellAt, drawHeatMap } from "./drawing.ts";

export function heatMap(kind: TraceKind): View<Trace> {
  const title = kindTitle(kind);
  const canvas = el("canvas", { role: "img", tabindex: "0", class: "heat-map", "aria-label": title });
  const drawn = el("div", { class: "heat-map-box" }, canvas);
  const readout = el("output", { class: "quiet number heat-map-cell", "aria-live": "polite" });
  const frame = chartFrame({ title, drawn, below: readout }, () => redraw());
  let trace: Trace | undefined;
  let area: Area | undefined;
  let marked: Cell | undefined;

  function redraw(): void {
    if (!trace) return;
    const { places, layers, [kind]: grid } = trace;
    const best = cellText(trace, kind, strongestCell(trace, kind));
    setText(readout, marked ? cellText(trace, kind, marked) : t("Strongest: {0}", best));
    setAttribute(canvas, "aria-label", `${title}. ${t("{0} tokens by {1} layers.", places.length, layers)} ${best}`);
    const table = () => ({
      caption: title,
      header: [t("Token"), ...Array.from({ length: layers }, (_, layer) => t("layer {0}", layer))],
      rows: places.map((place, i) => [placeLabel(place), ...(grid.effect[i] ?? []).map((value) => signed(value, 3))]),
    });
    if (frame.fillTable(table)) return;
    const context = canvas.getContext("2d");
    const width = drawn.clientWidth;
    // A hidden tab has no width; the observer calls again when it is shown.
    if (!context || width === 0) return;
    const palette = readPalette();
    area = areaOf(context, trace, palette, width);
    const scale = window.devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(area.height * scale);
    canvas.style.height = `${area.height}px`;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    drawHeatMap(context, { trace, kind, palette, area, marked });
  }
  function mark(cell: Cell | undefined): void {
    if (cell?.place === marked?.place && cell?.layer === marked?.layer) return;
    marked = cell;
    redraw();
  }
  canvas.addEventListener("mousemove", ({ offsetX, offsetY }) => {
    if (trace && area) mark(cellAt(trace, area, offsetX, offsetY));
  });
  canvas.addEventListener("mouseleave", () => mark(undefined));
  canvas.addEventListener("blur", () => mark(undefined));
  canvas.addEventListener("keydown", (event) => {
    if (!trace) return;
    const moves: Record<string, readonly [place: number, layer: number]> = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
    };
    const by = moves[event.key];
    if (event.key === "Escape") mark(undefined);
    else if (by && !marked) mark(strongestCell(trace, kind));
    else if (by && marked) {
      const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
      mark({
        place: within(marked.place + by[0], trace.places.length),
        layer: within(marked.layer + by[1], trace.layers),
      });
    } else return;
    event.preventDefault();
  });
  const resized = new ResizeObserver(() => redraw());
  resized.observe(drawn);
  const stop = onThemeChange(redraw);
  return {
    element: frame.element,
    update(value) {
      if (value !== trace) marked = undefined;
      trace = value;
      redraw();
    },
    dispose() {
      stop();
      resized.disconnect();
    },
  };
}
