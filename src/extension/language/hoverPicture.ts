import type { Point, Report } from "../../protocol/results.ts";

/** Colours of the picture, those of the default themes' charts; an image cannot see the theme's own. */
export interface Palette {
  text: string;
  first: string;
  second: string;
  dot: string;
}

export const palettes = {
  dark: { text: "#cccccc", first: "#59a4f9", second: "#cca700", dot: "#ffffff" },
  light: { text: "#3b3b3b", first: "#0063d3", second: "#bf8803", dot: "#000000" },
  highContrastDark: { text: "#ffffff", first: "#59a4f9", second: "#ffd370", dot: "#ffffff" },
  highContrastLight: { text: "#000000", first: "#0063d3", second: "#895503", dot: "#000000" },
} as const satisfies Record<string, Palette>;

const width = 300;
const height = 46;
const bars = 60;
const barHeight = 14;
const middle = 20;

/**
 * A strip of all recorded Δv by classifier score, one direction's counts above the line and the other's below, with
 * this name's own as a dot.
 *
 * @returns an SVG image as a data URI, a few kilobytes
 */
export function hoverPicture(report: Report, point: Point, palette: Palette): string {
  const [first, second] = report.concept.labels;
  const reach = Math.max(...report.points.map(({ score }) => Math.abs(score)), 1e-9) * 1.05;
  const x = (score: number) => ((score / reach + 1) / 2) * width;
  const above = histogram(report, first, reach);
  const below = histogram(report, second, reach);
  const most = Math.max(...above, ...below, 1);
  const barsOf = (counts: readonly number[], color: string, upwards: boolean) =>
    counts
      .map((count, bar) => {
        // A single name among many must still show.
        const size = count === 0 ? 0 : Math.max(1.5, (count / most) * barHeight);
        const path = `M${(((bar + 0.15) * width) / bars).toFixed(1)} ${middle}v${upwards ? -size : size}h3.5v${upwards ? size : -size}z`;
        return count === 0 ? "" : `<path fill="${color}" d="${path}"/>`;
      })
      .join("");
  const mean = (label: string) => average(report.points.filter(({ from }) => from === label).map(({ score }) => score));
  const [left, right] = mean(first) <= mean(second) ? [first, second] : [second, first];
  const arrow = (from: string) => escapeXml(`${from}→${from === first ? second : first}`);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    barsOf(above, palette.first, true) +
    barsOf(below, palette.second, false) +
    `<path stroke="${palette.text}" d="M0 ${middle}H${width}M${width / 2} 4V${middle + barHeight}"/>` +
    `<circle cx="${x(point.score).toFixed(1)}" cy="${middle}" r="5" fill="${palette.dot}" stroke="${palette[point.from === first ? "first" : "second"]}" stroke-width="2.5"/>` +
    `<g fill="${palette.text}" font-family="sans-serif" font-size="10"><text x="0" y="${height - 1}">${arrow(left)}</text>` +
    `<text x="${width}" y="${height - 1}" text-anchor="end">${arrow(right)}</text></g></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}

function histogram(report: Report, label: string, reach: number): number[] {
  const counts = new Array<number>(bars).fill(0);
  for (const { from, score } of report.points) {
    if (from !== label) continue;
    const bar = Math.min(bars - 1, Math.max(0, Math.floor(((score / reach + 1) / 2) * bars)));
    counts[bar] = counts[bar]! + 1;
  }
  return counts;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
