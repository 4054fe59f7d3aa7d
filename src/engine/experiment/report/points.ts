import type { Point, Report } from "../../../protocol/results.ts";
import { count, fixed, percent } from "../../../text/numbers.ts";
import { direction } from "../../../text/words.ts";
import { at } from "../../report/chart.ts";
import { type Html, html } from "../../report/html.ts";
import { table } from "../../report/table.ts";

/** Both directions of edit, the concept vector's own first, with their points' places in the report. */
export function directions({ concept: { labels }, points }: Report) {
  const [first, second] = labels;
  return (
    [
      [first, second],
      [second, first],
    ] as const
  ).map(([from, to], side) => ({
    name: direction(from, to),
    kind: `d${side}`,
    points: points.map((point, index) => ({ ...point, index })).filter((point) => point.from === from),
  }));
}

/** The mark of one edit: coloured by direction, a dot for training and a diamond for test. */
export function mark({ split, index }: Point & { readonly index: number }, kind: string, x: number, y: number): Html {
  return html`<use href="#${split}" class="${kind}" data-i="${index}" x="${at(x)}" y="${at(y)}"/>
`;
}

/** The shapes that `mark` refers to, once a page. */
export const markShapes = html`<svg class="shapes" aria-hidden="true"><defs><circle id="train" r="2.6"/>
<path id="test" d="M0-4.4L4.4 0 0 4.4-4.4 0Z"/></defs></svg>`;

/** What colours and shapes mean. */
export function markLegend(report: Report): Html {
  const { train, test } = report.split;
  const shape = (name: string) => html`<svg viewBox="-6 -6 12 12" aria-hidden="true"><use href="#${name}"/></svg>`;
  return html`<p class="legend">${directions(report).map(
    ({ name, kind, points }) =>
      html`<span class="${kind}"><svg viewBox="-6 -6 12 12" aria-hidden="true"><rect x="-5" y="-5" width="10" height="10" rx="2"/></svg>${name} (${count(points.length)})</span>`,
  )}<span>${shape("train")}train (${count(train)})</span><span>${shape("test")}test (${count(test)})</span></p>`;
}

/** Every edit with every number. The pictures' marks find their row by its place. */
export function editsTable(report: Report): Html {
  const { concept, points } = report;
  const [, second] = concept.labels;
  const number = (value: number, digits: number) => ({ value, text: fixed(value, digits) });
  const share = (value: number | undefined) => ({ value: value ?? 0, text: percent(value ?? 0) });
  return table(
    "All edits",
    [
      "Name",
      "Direction",
      "Split",
      "Score",
      "Projection",
      "‖Δv‖",
      "Evaluations",
      `P(${second}) before`,
      "after",
      "Flipped",
      "PC 1",
      "PC 2",
      "PC 3",
    ],
    points.map((point) => [
      point.name,
      direction(point.from, point.to),
      point.split,
      number(point.score, 2),
      number(point.projection, 2),
      number(point.deltaNorm, 2),
      { value: point.evaluations, text: String(point.evaluations) },
      share(point.before[second]),
      share(point.after[second]),
      point.flipped ? "yes" : "no",
      ...point.pca.map((value) => number(value, 2)),
    ]),
    { open: true, ids: points.map((_, index) => `edit-${index}`) },
  );
}
