/** Chart.js options in the editor's colours, put together in one place so that all charts look alike. */
import { Chart, type ChartDataset, type ChartOptions, type LegendItem } from "chart.js";
import { significant } from "../../text/numbers.ts";
import type { Palette } from "../theme.ts";
import { shortened } from "./shortened.ts";

/** A point of any of our charts; x and y in data units. */
export interface Datum {
  readonly x: number;
  readonly y: number;
}

export type Kind = "line" | "scatter" | "bar";

interface Axis {
  readonly title?: string;
  readonly min?: number;
  readonly max?: number;
  readonly stacked?: boolean;
  readonly integers?: boolean;
  /** Not drawn: an axis that only spreads points apart. */
  readonly hidden?: boolean;
  readonly format?: (value: number) => string;
}

export interface Plan<D extends Datum> {
  readonly x: Axis;
  readonly y: Axis;
  /** A second scale at the right, for series with another unit; they name it "y2". */
  readonly y2?: Axis;
  /** Tooltip: a heading for the point under the pointer, and a line for each series there. */
  readonly heading: (datum: D) => string;
  readonly line: (datum: D, series: string) => string;
  /** Every series at the pointer's x (curves) or the one nearest point (scatter). */
  readonly hover: "index" | "nearest";
  /** What stands for a series: its points, its line with its dashes, or no legend at all. */
  readonly legend: "points" | "lines" | "none";
  readonly onClick?: (datum: D) => void;
}

function axis(palette: Palette, font: object, wanted: Axis) {
  const format = wanted.format ?? ((value: number) => significant(value));
  return {
    type: "linear",
    min: wanted.min,
    max: wanted.max,
    stacked: wanted.stacked ?? false,
    display: !wanted.hidden,
    border: { color: palette.grid },
    // Bars of a histogram stand between the ticks of their numbers, not under names.
    offset: false,
    grid: { color: palette.grid, tickLength: 4, offset: false },
    title: { display: Boolean(wanted.title), text: wanted.title, color: palette.quiet, font },
    ticks: {
      color: palette.quiet,
      font,
      maxTicksLimit: 7,
      maxRotation: 0,
      // Ends of the axis that lie between two ticks would be further ones.
      includeBounds: false,
      ...(wanted.integers ? { precision: 0 } : {}),
      callback: (value: number | string) => format(Number(value)),
    },
  };
}

/** A band has a fill and no line: the legend names it, and its edges, which no one reads point by point, say nothing. */
export function isBand(dataset: { readonly fill?: unknown; readonly borderWidth?: unknown }): boolean {
  return dataset.fill !== undefined && dataset.borderWidth === 0;
}

/** Legend entries drawn as a piece of their line, or of their band. */
function lineLabels(chart: Chart): LegendItem[] {
  return Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => {
    const dataset = chart.data.datasets[item.datasetIndex ?? -1] as ChartDataset<"line"> | undefined;
    if (dataset && isBand(dataset)) return { ...item, pointStyle: "rect" };
    return { ...item, pointStyle: "line", lineDash: dataset?.borderDash as number[] | undefined, lineWidth: 1.5 };
  });
}

/** Room of a legend entry beside its text. */
const legendRoom = 40;

/** A legend entry that fits into the chart. */
function fitting({ ctx, width }: Chart, item: LegendItem, font: string): LegendItem {
  ctx.save();
  ctx.font = font;
  const text = shortened(item.text, width - legendRoom, (part) => ctx.measureText(part).width);
  ctx.restore();
  return { ...item, text };
}

/** The options of a chart: no animation, a quiet legend, the editor's hover widget as tooltip. */
export function options<K extends Kind, D extends Datum>(palette: Palette, plan: Plan<D>): ChartOptions<K> {
  const font = { family: palette.fontFamily, size: palette.fontSize };
  interface Item {
    readonly raw: D;
    readonly dataset: { readonly label?: string; readonly fill?: unknown; readonly borderWidth?: unknown };
  }
  const wanted = {
    animation: false,
    // Points on the frame are drawn whole.
    clip: 8,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: plan.hover, axis: plan.hover === "index" ? "x" : "xy", intersect: plan.hover === "nearest" },
    scales: {
      x: axis(palette, font, plan.x),
      y: axis(palette, font, plan.y),
      ...(plan.y2 && {
        y2: { ...axis(palette, font, plan.y2), position: "right", grid: { drawOnChartArea: false } },
      }),
    },
    onHover: (_event: unknown, elements: unknown[], { canvas }: Chart) => {
      canvas.style.cursor = plan.onClick && elements.length > 0 ? "pointer" : "";
    },
    onClick: (_event: unknown, [hit]: { datasetIndex: number; index: number }[], { data }: Chart) => {
      if (hit) plan.onClick?.(data.datasets[hit.datasetIndex]?.data[hit.index] as unknown as D);
    },
    plugins: {
      legend: {
        display: plan.legend !== "none",
        position: "bottom",
        align: "start",
        // By default a click hides a series; the same data looking different only puzzles.
        onClick: () => undefined,
        labels: {
          color: palette.foreground,
          font,
          usePointStyle: true,
          ...(plan.legend === "lines" && { pointStyleWidth: 22 }),
          generateLabels: (chart: Chart) => {
            const items =
              plan.legend === "lines" ? lineLabels(chart) : Chart.defaults.plugins.legend.labels.generateLabels(chart);
            return items.map((item) => (item.text ? fitting(chart, item, `${font.size}px ${font.family}`) : item));
          },
          boxWidth: 8,
          boxHeight: 8,
          padding: 10,
          filter: (item: { text?: string }) => Boolean(item.text),
        },
      },
      tooltip: {
        backgroundColor: palette.tooltipBackground,
        borderColor: palette.tooltipBorder,
        borderWidth: 1,
        titleColor: palette.tooltipForeground,
        bodyColor: palette.tooltipForeground,
        titleFont: { ...font, weight: "bold" },
        bodyFont: font,
        cornerRadius: 3,
        caretSize: 4,
        boxPadding: 4,
        usePointStyle: true,
        filter: ({ dataset }: Item) => Boolean(dataset.label) && !isBand(dataset),
        callbacks: {
          title: (items: Item[]) => (items[0] ? plan.heading(items[0].raw) : ""),
          label: (item: Item) => plan.line(item.raw, item.dataset.label ?? ""),
        },
      },
    },
  };
  // chart.js types options by chart kind, deeper than the compiler can follow for a generic kind.
  return wanted as unknown as ChartOptions<K>;
}
