import { type Html, html } from "./html.ts";
import type { Scale } from "./scale.ts";

/** Where the data area lies in a picture of this size, in the picture's own units. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A frame with room for axis labels. */
export function frame(width: number, height: number, { left = 58, right = 12, top = 14, bottom = 42 } = {}): Frame {
  return { width, height, left, right: width - right, top, bottom: height - bottom };
}

/** One picture; `label` says in words what it shows, for those who do not see it. */
export function picture({ width, height }: Frame, label: string, ...content: (Html | false | readonly Html[])[]): Html {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${content}</svg>`;
}

/** Grid lines, tick labels and titles of both axes. */
export function axes(
  area: Frame,
  x: Scale,
  y: Scale,
  titles: { readonly x: string; readonly y?: string },
  format: { readonly x?: (value: number) => string; readonly y?: (value: number) => string } = {},
): Html {
  const { left, right, top, bottom } = area;
  const { x: xText = String, y: yText = String } = format;
  return html`<g class="axes">${y.ticks.map(
    (tick) => html`<line x1="${left}" x2="${right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/>
<text x="${left - 7}" y="${at(y(tick))}" dy="0.35em" text-anchor="end">${yText(tick)}</text>`,
  )}${x.ticks.map(
    (tick) => html`<line class="tick" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${bottom}" y2="${bottom + 4}"/>
<text x="${at(x(tick))}" y="${bottom + 17}" text-anchor="middle">${xText(tick)}</text>`,
  )}<line class="base" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
<text class="title" x="${(left + right) / 2}" y="${area.height - 5}" text-anchor="middle">${titles.x}</text>${
    titles.y &&
    html`<text class="title" transform="translate(11 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${titles.y}</text>`
  }</g>`;
}

/** A line through points. */
export function line(points: readonly (readonly [number, number])[], kind: string): Html {
  return html`<path class="${kind}" d="M${points.map(([x, y]) => `${at(x)} ${at(y)}`).join("L")}"/>`;
}

/** The area between two lines over the same places. */
export function band(points: readonly (readonly [x: number, low: number, high: number])[], kind: string): Html {
  const upper = points.map(([x, , high]) => `${at(x)} ${at(high)}`);
  const lower = points.map(([x, low]) => `${at(x)} ${at(low)}`).reverse();
  return html`<path class="${kind}" d="M${[...upper, ...lower].join("L")}Z"/>`;
}

/** A coordinate, short. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
