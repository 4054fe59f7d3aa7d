import type { Report } from "../../../protocol/results.ts";
import { fixed, percent } from "../../../text/numbers.ts";
import { mean } from "../../numerics/statistics.ts";
import { at, axes, frame, picture } from "../../report/chart.ts";
import { type Html, html } from "../../report/html.ts";
import { extent, linearScale } from "../../report/scale.ts";
import { table } from "../../report/table.ts";
import { directions, mark } from "./points.ts";

/** The edits along their first two principal components. */
export function scatter(report: Report): Html {
  const area = frame(460, 320);
  const { explainedVariance } = report.pca;
  const coordinate = (axis: number) => report.points.map(({ pca }) => pca[axis] ?? 0);
  const x = linearScale(extent(coordinate(0)), [area.left, area.right]);
  const y = linearScale(extent(coordinate(1)), [area.bottom, area.top]);
  const title = (axis: number) => `PC ${axis + 1} (${percent(explainedVariance[axis] ?? 0)} of the variance)`;
  const sides = directions(report);
  return html`${picture(
    area,
    `Scatter plot of ${report.points.length} edits along their first two principal components, coloured by direction.`,
    axes(area, x, y, { x: title(0), y: title(1) }, { x: short, y: short }),
    sides.flatMap(({ kind, points }) => points.map((point) => mark(point, kind, x(point.pca[0]), y(point.pca[1])))),
  )}${table(
    "Centres",
    ["Edits", "PC 1", "PC 2", "PC 3"],
    sides.map(({ name, points }) => [
      name,
      ...[0, 1, 2].map((axis) => numberCell(mean(points.map(({ pca }) => pca[axis] ?? 0)))),
    ]),
  )}`;
}

/** The edits along the concept vector, a row a direction. */
export function strip(report: Report): Html {
  const area = frame(460, 320);
  const sides = directions(report);
  const x = linearScale(extent(report.points.map(({ projection }) => projection)), [area.left, area.right]);
  const half = (area.bottom - area.top) / 2;
  const rows = sides.map(({ name, kind, points }, row) => {
    const top = area.top + row * half;
    const centre = x(mean(points.map(({ projection }) => projection)));
    return html`<text class="name ${kind}" x="${area.left}" y="${top + 10}">${name}</text>
${points.map((point) => mark(point, kind, x(point.projection), top + 22 + (half - 34) * spread(point.index)))}
<line class="mean" x1="${at(centre)}" x2="${at(centre)}" y1="${top + 16}" y2="${top + half - 6}"/>`;
  });
  const y = Object.assign(linearScale([0, 1], [area.bottom, area.top]), { ticks: [] });
  return html`${picture(
    area,
    `Strip of ${report.points.length} edits by their projection on the vector; ${sides.map(({ name, points }) => `${name} around ${fixed(mean(points.map(({ projection }) => projection)))}`).join(", ")}.`,
    axes(area, x, y, { x: "projection Δvᵀg / ‖g‖" }, { x: short }),
    html`<line class="zero" x1="${at(x(0))}" x2="${at(x(0))}" y1="${area.top}" y2="${area.bottom}"/>`,
    rows,
  )}${table(
    "Projections",
    ["Edits", "Mean", "Lowest", "Highest"],
    sides.map(({ name, points }) => {
      const values = points.map(({ projection }) => projection).sort((a, b) => a - b);
      return [name, ...[mean(values), values[0] ?? 0, values.at(-1) ?? 0].map(numberCell)];
    }),
  )}`;
}

/** A place in [0, 1) for each point, evenly spread and without a pattern (the golden ratio's multiples). */
function spread(index: number): number {
  return (index * 0.6180339887498949) % 1;
}

function numberCell(value: number) {
  return { value, text: fixed(value, 2) };
}

function short(value: number): string {
  return fixed(value, Number.isInteger(value) ? 0 : 2).replace(/0+$/, (zeros) =>
    Number.isInteger(value) ? zeros : "",
  );
}
