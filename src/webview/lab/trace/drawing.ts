/** A heat map on a canvas, token × layer: the same drawing on the page and in the PNG. */
import { t } from "@vscode/l10n";
import { type Trace, type TraceKind, traceKinds } from "../../../protocol/measurements.ts";
import { pngBase64 } from "../../charts/png.ts";
import { drawnSvg } from "../../charts/svg.ts";
import { fade, type Palette } from "../../theme.ts";
import { type Cell, fullEffect, kindTitle, placeLabel } from "./cells.ts";

const rowHeight = 22;
const bottom = 36;
const top = 4;
const right = 4;

/** CSS pixels. */
export interface Area {
  readonly width: number;
  readonly height: number;
  /** Where the cells begin, and how wide one is. */
  readonly left: number;
  readonly cell: number;
}

const font = (palette: Palette) => `${palette.fontSize}px ${palette.fontFamily}`;

/** The heat map's measures at a width: labels take what they need, at most two fifths. */
export function areaOf(context: CanvasRenderingContext2D, trace: Trace, palette: Palette, width: number): Area {
  context.font = font(palette);
  const widest = Math.max(0, ...trace.places.map((place) => context.measureText(placeLabel(place)).width));
  const left = Math.min(widest + 10, width * 0.4);
  const height = top + bottom + rowHeight * trace.places.length;
  return { width, height, left, cell: Math.max(1, (width - left - right) / trace.layers) };
}

/** The cell at a point; undefined beside the cells. */
export function cellAt(trace: Trace, area: Area, x: number, y: number): Cell | undefined {
  const layer = Math.floor((x - area.left) / area.cell);
  const place = Math.floor((y - top) / rowHeight);
  const inside = layer >= 0 && layer < trace.layers && place >= 0 && place < trace.places.length;
  return inside ? { place, layer } : undefined;
}

/** Fuller colour, stronger effect: the first direction's colour brings the target back, the second's takes from it. */
export function drawHeatMap(
  context: CanvasRenderingContext2D,
  { trace, kind, palette, area, marked }: Drawing & { readonly area: Area },
): void {
  const { left, cell } = area;
  const full = fullEffect(trace);
  const gap = cell > 4 ? 1 : 0;
  context.font = font(palette);
  context.textBaseline = "middle";
  trace.places.forEach((place, i) => {
    const y = top + i * rowHeight;
    const subject = place.role !== "before" && place.role !== "after";
    context.textAlign = "right";
    context.fillStyle = subject ? palette.foreground : palette.quiet;
    context.fillText(placeLabel(place), left - 6, y + rowHeight / 2, left - 8);
    for (let layer = 0; layer < trace.layers; layer++) {
      const effect = trace[kind].effect[i]?.[layer] ?? 0;
      context.fillStyle = fade(palette.grid, 0.25);
      context.fillRect(left + layer * cell, y, cell - gap, rowHeight - 1);
      context.fillStyle = fade(effect < 0 ? palette.second : palette.first, Math.min(1, Math.abs(effect) / full));
      context.fillRect(left + layer * cell, y, cell - gap, rowHeight - 1);
      // Colours apart from each other in no theme's greys: a loss is also struck through.
      if (effect < -0.02 * full) line(context, palette.foreground, left + layer * cell, y, cell - gap);
    }
  });
  const end = top + trace.places.length * rowHeight;
  outline(context, palette.foreground, 1.5, left + trace.editLayer * cell - 0.5, top - 1, cell, end - top + 1);
  if (marked)
    outline(
      context,
      palette.focus,
      2,
      left + marked.layer * cell,
      top + marked.place * rowHeight,
      cell - gap,
      rowHeight - 1,
    );

  context.textAlign = "center";
  context.fillStyle = palette.quiet;
  const every = Math.ceil(trace.layers / Math.max(1, Math.floor((area.width - left) / 28)));
  for (let layer = 0; layer < trace.layers; layer++) {
    const near = layer !== trace.editLayer && Math.abs(layer - trace.editLayer) < every;
    if (layer !== trace.editLayer && (layer % every !== 0 || near)) continue;
    context.fillStyle = layer === trace.editLayer ? palette.foreground : palette.quiet;
    context.fillText(String(layer), left + (layer + 0.5) * cell, end + 11);
  }
  const axis =
    kind === "hidden" || trace.window === 1 ? t("layer") : t("centre of a window of {0} layers", trace.window);
  context.fillStyle = palette.quiet;
  context.fillText(axis, (left + area.width) / 2, end + 27, area.width - left);
}

export interface Drawing {
  readonly trace: Trace;
  readonly kind: TraceKind;
  readonly palette: Palette;
  /** The cell under the pointer, or walked to with the arrow keys. */
  readonly marked?: Cell;
}

function line(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x + width * 0.25, y + rowHeight / 2);
  context.lineTo(x + width * 0.75, y + rowHeight / 2);
  context.stroke();
}

function outline(
  context: CanvasRenderingContext2D,
  colour: string,
  thickness: number,
  ...box: [x: number, y: number, width: number, height: number]
): void {
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.strokeRect(...box);
}

const [mapWidth, gap, title] = [380, 20, 26];
/** Of a PNG, pixels a CSS pixel. */
const fine = 2;

/** The three maps side by side as an SVG file. */
export function traceSvg(trace: Trace, palette: Palette): string {
  const { background } = palette;
  return drawnSvg({ ...allMaps(trace, palette), background }, (context) => {
    drawMaps(context, trace, palette);
    return undefined;
  });
}

/** The three maps side by side as a PNG file in base64, twice as fine as the page. */
export function tracePng(trace: Trace, palette: Palette): string {
  const { width, height } = allMaps(trace, palette);
  const canvas = document.createElement("canvas");
  canvas.width = fine * width;
  canvas.height = fine * height;
  const context = contextOf(canvas);
  context.scale(fine, fine);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  drawMaps(context, trace, palette);
  return pngBase64(canvas);
}

/** The size of all maps in CSS pixels. */
function allMaps(trace: Trace, palette: Palette): { width: number; height: number } {
  const { height } = areaOf(contextOf(document.createElement("canvas")), trace, palette, mapWidth);
  return { width: traceKinds.length * (mapWidth + gap) + gap, height: height + title + gap };
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  return context;
}

function drawMaps(context: CanvasRenderingContext2D, trace: Trace, palette: Palette): void {
  const area = areaOf(context, trace, palette, mapWidth);
  traceKinds.forEach((kind, i) => {
    context.save();
    context.translate(gap + i * (mapWidth + gap), gap / 2);
    context.font = `bold ${font(palette)}`;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillStyle = palette.foreground;
    context.fillText(kindTitle(kind), 0, title / 2);
    context.translate(0, title);
    drawHeatMap(context, { trace, kind, palette, area });
    context.restore();
  });
}
