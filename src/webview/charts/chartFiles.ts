/** A chart as files: drawn anew at one size, whatever the page's width, and its points as CSV. */
import { BasicPlatform, Chart, type ChartConfiguration, type ChartDataset } from "chart.js";
import { csv } from "../../text/csv.ts";
import type { Palette } from "../theme.ts";
import type { Datum, Kind } from "./options.ts";
import { pngBase64 } from "./png.ts";
import { drawnSvg } from "./svg.ts";

const size = { width: 720, height: 360 };
/** Of a PNG, pixels a CSS pixel. */
const fine = 2;

type Config<K extends Kind, D extends Datum> = ChartConfiguration<K, D[]>;

export function chartSvg<K extends Kind, D extends Datum>(config: Config<K, D>, palette: Palette): string {
  return drawnSvg({ ...size, background: palette.background }, (context) => {
    const chart = drawn({ ...size, getContext: () => context }, 1, config);
    return () => chart.destroy();
  });
}

export function chartPng<K extends Kind, D extends Datum>(config: Config<K, D>, palette: Palette): string {
  const canvas = document.createElement("canvas");
  const { width, height } = size;
  Object.assign(canvas, { width, height });
  const chart = drawn(canvas, fine, config);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = palette.background;
  context.fillRect(0, 0, fine * width, fine * height);
  const png = pngBase64(canvas);
  // Only now: it empties the canvas.
  chart.destroy();
  return png;
}

/** One line a point, every digit; of points that are names, the name. */
export function chartCsv<K extends Kind, D extends Datum>(datasets: readonly ChartDataset<K, D[]>[]): string {
  const points = datasets.flatMap(({ label = "", data }) => data.map((datum) => ({ label, datum })));
  const nameOf = (datum: D) => ("name" in datum ? String(datum.name) : null);
  return csv(
    ["series", "x", "y", "name"],
    points.map(({ label, datum }) => [label, datum.x, datum.y, nameOf(datum)]),
  );
}

function drawn<K extends Kind, D extends Datum>(
  canvas: { readonly getContext: unknown },
  devicePixelRatio: number,
  { options, data, ...config }: Config<K, D>,
): Chart {
  const still = {
    ...options,
    responsive: false,
    animation: false,
    devicePixelRatio,
    events: [],
    layout: { padding: 8 },
  };
  // Lines with segments of their own are drawn point by point, not as a Path2D, which no other context can read.
  const datasets = data.datasets.map((dataset) => ({ ...dataset, segment: {} }));
  const whole = {
    ...config,
    data: { ...data, datasets },
    options: still,
    platform: BasicPlatform,
  } as unknown as ChartConfiguration;
  return new Chart(canvas as HTMLCanvasElement, whole);
}
