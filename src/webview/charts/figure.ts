/** A chart with its title, its table, its keyboard and its theme: the one way a chart gets onto a page. */
import {
  BarController,
  BarElement,
  Chart,
  type ChartDataset,
  type ChartOptions,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  ScatterController,
  Title,
  Tooltip,
} from "chart.js";
import { el, setAttribute } from "../dom.ts";
import { type Exported, exportMenu, type Saves } from "../exportMenu.ts";
import type { Table } from "../table.ts";
import { onThemeChange, type Palette, readPalette } from "../theme.ts";
import type { View } from "../view.ts";
import { chartCsv, chartPng, chartSvg } from "./chartFiles.ts";
import { chartFrame } from "./frame.ts";
import { addKeyboard } from "./keyboard.ts";
import type { Overlay } from "./markers.ts";
import type { Datum, Kind } from "./options.ts";

Chart.register(
  BarController,
  BarElement,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  ScatterController,
  Title,
  Tooltip,
);

/** What chart.js is given; built anew for each value and each theme. */
interface Drawing<K extends Kind, D extends Datum> {
  readonly datasets: ChartDataset<K, D[]>[];
  readonly options: ChartOptions<K>;
  readonly overlays?: readonly Overlay<K>[];
}

export interface Figure<K extends Kind, D extends Datum, T> {
  readonly kind: K;
  readonly title: string;
  /** Height in CSS: small (loss curves), medium, strip (one narrow band). */
  readonly size: "small" | "medium" | "strip";
  /** The chart in a sentence, for who cannot see it. */
  readonly summary: (value: T) => string;
  readonly draw: (value: T, palette: Palette) => Drawing<K, D>;
  readonly table: (value: T) => Table;
  /** Controls that belong beside the title. */
  readonly tools?: HTMLElement;
  readonly onKeyboardSelect?: (datum: D) => void;
  /** Where the chart is saved as files, under which name; left out, it is not. */
  readonly saves?: { readonly to: Saves; readonly name: string };
  /** What is saved as CSV, where it is more than the points. */
  readonly csv?: (value: T) => string;
}

/** Makes the view of a figure. The chart itself is created with its first value. */
export function chartFigure<K extends Kind, D extends Datum, T>(figure: Figure<K, D, T>): View<T> {
  const canvas = el("canvas", { role: "img", tabindex: "0", "aria-label": figure.title });
  const drawn = el("div", { class: `plot plot-${figure.size}` }, canvas);
  const spoken = el("output", { class: "visually-hidden", "aria-live": "polite" });
  const tools = figure.saves
    ? el("span", { class: "row" }, figure.tools, exportMenu(figure.saves.to, figure.saves.name, exported))
    : figure.tools;
  const frame = chartFrame({ title: figure.title, drawn, below: spoken, tools }, () => redraw());
  let chart: Chart<K, D[]> | undefined;
  let overlays: readonly Overlay<K>[] = [];
  let shown: { value: T } | undefined;

  function configOf({ options, datasets }: Drawing<K, D>, over: () => readonly Overlay<K>[]) {
    const afterDatasetsDraw = (drawn: Chart<K>) => {
      for (const overlay of over()) overlay(drawn);
    };
    return { type: figure.kind, data: { datasets }, options, plugins: [{ id: "overlays", afterDatasetsDraw }] };
  }
  function exported(): Exported | undefined {
    if (!shown) return undefined;
    const { value } = shown;
    const palette = readPalette();
    const drawing = figure.draw(value, palette);
    const font = { family: palette.fontFamily, size: palette.fontSize + 2, weight: "bold" };
    const title = { display: true, text: figure.title, color: palette.foreground, align: "start", font };
    const plugins = { ...drawing.options?.plugins, title };
    const titled = { ...drawing, options: { ...drawing.options, plugins } } as typeof drawing;
    const config = configOf(titled, () => drawing.overlays ?? []);
    return {
      csv: () => figure.csv?.(value) ?? chartCsv(drawing.datasets),
      svg: () => chartSvg(config, palette),
      png: () => chartPng(config, palette),
    };
  }
  function redraw(): void {
    if (!shown) return;
    const { value } = shown;
    setAttribute(canvas, "aria-label", `${figure.title}. ${figure.summary(value)}`);
    if (frame.fillTable(() => figure.table(value))) return;
    const drawing = figure.draw(value, readPalette());
    overlays = drawing.overlays ?? [];
    if (chart) {
      chart.data.datasets = drawing.datasets;
      chart.options = drawing.options as typeof chart.options;
      chart.update("none");
    } else {
      chart = new Chart<K, D[]>(
        canvas,
        configOf(drawing, () => overlays),
      );
      addKeyboard(chart, spoken, (datum: D) => figure.onKeyboardSelect?.(datum));
    }
  }
  const stop = onThemeChange(redraw);
  return {
    element: frame.element,
    update(value) {
      shown = { value };
      redraw();
    },
    dispose() {
      stop();
      chart?.destroy();
    },
  };
}
