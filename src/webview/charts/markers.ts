/** Drawn over a chart to point at things: rings around selected points, and lines at a value of x. */
import type { Chart } from "chart.js";
import type { Palette } from "../theme.ts";
import type { Datum, Kind } from "./options.ts";

/** Draws over the data of a chart, under its tooltip. */
export type Overlay<K extends Kind> = (chart: Chart<K>) => void;

function label(context: CanvasRenderingContext2D, palette: Palette, text: string, x: number, y: number, right: number) {
  context.font = `bold ${palette.fontSize}px ${palette.fontFamily}`;
  const width = context.measureText(text).width;
  const left = x + width > right ? x - width - 18 : x;
  context.lineWidth = 3;
  context.strokeStyle = palette.background;
  context.strokeText(text, left, y);
  context.fillStyle = palette.foreground;
  context.fillText(text, left, y);
}

/** A ring with its name around every point that `isSelected`. */
export function rings<K extends Kind, D extends Datum & { readonly name: string }>(
  palette: Palette,
  isSelected: (name: string) => boolean,
): Overlay<K> {
  return (chart) => {
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.textBaseline = "middle";
    chart.data.datasets.forEach((dataset, datasetIndex) => {
      (dataset.data as unknown as D[]).forEach((datum, index) => {
        if (!isSelected(datum.name)) return;
        const point = chart.getDatasetMeta(datasetIndex).data[index];
        if (!point) return;
        ctx.lineWidth = 2;
        ctx.strokeStyle = palette.foreground;
        ctx.beginPath();
        ctx.arc(point.x, point.y, 7, 0, 2 * Math.PI);
        ctx.stroke();
        label(ctx, palette, datum.name, point.x + 11, point.y, chartArea.right);
      });
    });
    ctx.restore();
  };
}

/** A vertical line with a label at each given x. */
export function verticals<K extends Kind>(palette: Palette, at: readonly { x: number; label: string }[]): Overlay<K> {
  return (chart) => {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.textBaseline = "top";
    at.forEach((mark, i) => {
      const x = Math.round(scales.x?.getPixelForValue(mark.x) ?? 0) + 0.5;
      ctx.lineWidth = 1;
      ctx.setLineDash([3, 3]);
      ctx.strokeStyle = palette.foreground;
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.setLineDash([]);
      if (mark.label)
        label(ctx, palette, mark.label, x + 5, chartArea.top + 2 + i * (palette.fontSize + 3), chartArea.right);
    });
    ctx.restore();
  };
}

/** A text at the left end of each band of a strip: `y` in data units, its upper edge. */
export function bandLabels<K extends Kind>(
  palette: Palette,
  bands: readonly { y: number; text: string }[],
): Overlay<K> {
  return (chart) => {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.textBaseline = "top";
    for (const { y, text } of bands) {
      label(ctx, palette, text, chartArea.left + 4, (scales.y?.getPixelForValue(y) ?? 0) + 2, chartArea.right);
    }
    ctx.restore();
  };
}

/** The colours of patterns that `hatch` gave: a pattern itself tells nothing. */
export const hatched = new WeakMap<CanvasPattern, string>();

/** Diagonal hatching: the second direction's fill, told apart without colour. */
export function hatch(colour: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const context = tile.getContext("2d");
  if (!context) return colour;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  for (const shift of [-6, 0, 6]) {
    context.moveTo(shift - 1, 7);
    context.lineTo(shift + 7, -1);
  }
  context.stroke();
  const pattern = context.createPattern(tile, "repeat");
  if (pattern) hatched.set(pattern, colour);
  return pattern ?? colour;
}
