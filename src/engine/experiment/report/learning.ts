import type { Report } from "../../../protocol/results.ts";
import { count, percent } from "../../../text/numbers.ts";
import { at, axes, band, frame, line, picture } from "../../report/chart.ts";
import { type Html, html } from "../../report/html.ts";
import { linearScale, logScale } from "../../report/scale.ts";
import { table } from "../../report/table.ts";

/** Test accuracy by number of training edits, above what shuffled labels reach. */
export function learning(report: Report): Html {
  const { learningCurve, shuffledLabels, testAccuracy, interval95 } = report.classifier;
  const area = frame(460, 320);
  const sizes = learningCurve.map(({ train }) => train);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const lowest = Math.min(shuffledLabels.low, ...learningCurve.map(({ low, accuracy }) => low ?? accuracy));
  const x = logScale(
    least === most ? [most / 2, most * 2] : [least / 1.15, most * 1.15],
    [area.left, area.right],
    sizes.filter(readable),
  );
  const y = linearScale([Math.max(0, Math.floor(lowest * 10 - 0.5) / 10), 1.005], [area.bottom, area.top]);
  const points = learningCurve.map(({ train, accuracy }) => [x(train), y(accuracy)] as const);
  const whole = [area.left, area.right];
  const end = x(most);
  return html`${picture(
    area,
    `Learning curve: test accuracy ${learningCurve.map(({ train, accuracy }) => `${percent(accuracy)} with ${train}`).join(", ")} training edits; shuffled labels ${percent(shuffledLabels.mean)}.`,
    axes(
      area,
      x,
      y,
      { x: "training edits", y: "test accuracy" },
      { y: (value) => `${Math.round(value * 100)} %`, x: count },
    ),
    band(
      whole.map((place) => [place, y(shuffledLabels.low), y(shuffledLabels.high)] as const),
      "quiet band",
    ),
    line(
      whole.map((place) => [place, y(shuffledLabels.mean)] as const),
      "quiet line dashed",
    ),
    html`<text class="quiet" x="${area.right - 4}" y="${at(y(shuffledLabels.high) - 6)}" text-anchor="end">shuffled labels</text>`,
    band(
      learningCurve.map(({ train, accuracy, low = accuracy, high = accuracy }) => [x(train), y(low), y(high)] as const),
      "accent band",
    ),
    html`<line class="interval" x1="${at(end)}" x2="${at(end)}" y1="${at(y(interval95[0]))}" y2="${at(y(interval95[1]))}"/>`,
    line(points, "accent line"),
    points.map(
      ([px, py], i) =>
        html`<circle class="accent dot" cx="${at(px)}" cy="${at(py)}" r="3.4" data-tip="${tip(learningCurve[i]!)}"/>`,
    ),
  )}${table(
    "Accuracies",
    ["Training edits", "Test accuracy", "Lowest draw", "Highest draw"],
    [
      ...learningCurve.map(({ train, accuracy, low = accuracy, high = accuracy }) => [
        { value: train, text: count(train) },
        ...[accuracy, low, high].map(share),
      ]),
      [
        { value: Number.MAX_SAFE_INTEGER, text: "shuffled labels" },
        ...[shuffledLabels.mean, shuffledLabels.low, shuffledLabels.high].map(share),
      ],
      [
        { value: Number.MAX_SAFE_INTEGER, text: "95 % interval of the last" },
        ...[testAccuracy, ...interval95].map(share),
      ],
    ],
  )}`;
}

function tip({ train, accuracy }: { train: number; accuracy: number }): string {
  return `${count(train)} training edits: ${percent(accuracy)}`;
}

/** The last size is labelled only where the round one before it leaves room. */
function readable(size: number, place: number, all: readonly number[]): boolean {
  return place !== all.length - 2 || all[place + 1]! / size > 1.6;
}

function share(value: number) {
  return { value, text: percent(value) };
}
