import type { Report } from "../../../protocol/results.ts";
import { count, fixed } from "../../../text/numbers.ts";
import { at, axes, frame, picture } from "../../report/chart.ts";
import { type Html, html } from "../../report/html.ts";
import { extent, linearScale } from "../../report/scale.ts";
import { table } from "../../report/table.ts";
import { directions } from "./points.ts";

const bins = 36;

/** Classifier logits: the vector's own direction upwards, the other downwards; test edits in full colour. */
export function histogram(report: Report): Html {
  const area = frame(460, 320);
  const scores = report.points.map(({ score }) => score);
  const [low, high] = extent([...scores, 0], 0.001);
  const binOf = (score: number) => Math.min(bins - 1, Math.floor(((score - low) / (high - low)) * bins));
  const sides = directions(report).map((side) => {
    const counts = Array.from({ length: bins }, () => ({ train: 0, test: 0 }));
    for (const { score, split } of side.points) counts[binOf(score)]![split]++;
    return { ...side, counts };
  });
  const tallest = Math.max(1, ...sides.flatMap(({ counts }) => counts.map(({ train, test }) => train + test)));
  const x = linearScale([low, high], [area.left, area.right]);
  const y = linearScale([-tallest * 1.12, tallest * 1.12], [area.bottom, area.top]);
  const edge = (bin: number) => low + ((high - low) * bin) / bins;
  const bars = sides.flatMap(({ kind, counts }, side) =>
    counts.flatMap(({ train, test }, bin) => {
      const [from, to] = [x(edge(bin)) + 0.6, x(edge(bin + 1)) - 0.6];
      const sign = side === 0 ? 1 : -1;
      const bar = (start: number, end: number, part: string) => {
        const [upper, lower] = [y(sign * start), y(sign * end)].sort((a, b) => a - b) as [number, number];
        return html`<rect class="${kind} ${part}" x="${at(from)}" width="${at(to - from)}" y="${at(upper)}" height="${at(lower - upper)}"/>`;
      };
      return [test > 0 && bar(0, test, "test"), train > 0 && bar(test, test + train, "train")].filter(
        (part) => part !== false,
      );
    }),
  );
  const wrong = report.points.filter(({ from, score }) => score > 0 !== (from === report.concept.labels[0])).length;
  return html`${picture(
    area,
    `Histogram of the classifier's scores; ${count(wrong)} of ${count(scores.length)} lie on the wrong side of zero.`,
    axes(
      area,
      x,
      y,
      { x: "score wᵀΔv + b", y: "edits" },
      { x: (value) => fixed(value, Number.isInteger(value) ? 0 : 1), y: (value) => fixed(Math.abs(value), 0) },
    ),
    bars,
    html`<line class="zero" x1="${at(x(0))}" x2="${at(x(0))}" y1="${area.top}" y2="${area.bottom}"/>
<line class="base" x1="${area.left}" x2="${area.right}" y1="${at(y(0))}" y2="${at(y(0))}"/>`,
    sides.map(
      ({ name, kind }, side) =>
        html`<text class="name ${kind}" x="${side === 0 ? area.right : area.left + 4}" y="${side === 0 ? area.top + 10 : area.bottom - 8}" text-anchor="${side === 0 ? "end" : "start"}">${name}</text>`,
    ),
  )}${table(
    "Bins",
    ["Score from", "to", ...sides.flatMap(({ name }) => [`${name}, train`, "test"])],
    Array.from({ length: bins }, (_, bin) => [
      { value: edge(bin), text: fixed(edge(bin), 2) },
      { value: edge(bin + 1), text: fixed(edge(bin + 1), 2) },
      ...sides.flatMap(({ counts }) =>
        [counts[bin]!.train, counts[bin]!.test].map((value) => ({ value, text: count(value) })),
      ),
    ]),
  )}`;
}
