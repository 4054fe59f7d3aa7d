/** Test accuracy by the number of training edits, over the band that shuffled labels reach by chance. */
import { t } from "@vscode/l10n";
import type { Report } from "../../../protocol/results.ts";
import { count, typesetPercent } from "../../../text/numbers.ts";
import { chartFigure } from "../../charts/figure.ts";
import { type Datum, options } from "../../charts/options.ts";
import type { Saves } from "../../exportMenu.ts";
import { fade } from "../../theme.ts";
import type { View } from "../../view.ts";

export function learningChart(to: Saves): View<Report> {
  return chartFigure<"line", Datum, Report>({
    kind: "line",
    title: t("Learning curve"),
    saves: { to, name: "learning-curve" },
    size: "medium",
    summary: ({ classifier }) => {
      const last = classifier.learningCurve.at(-1);
      return last ? t("{0} with {1} training edits.", typesetPercent(last.accuracy), count(last.train)) : "";
    },
    draw: ({ classifier }, palette) => {
      const { learningCurve, shuffledLabels } = classifier;
      const span = [learningCurve[0]?.train ?? 0, learningCurve.at(-1)?.train ?? 1];
      const flat = (y: number): Datum[] => span.map((x) => ({ x, y }));
      const quiet = { borderColor: palette.control, pointRadius: 0, borderWidth: 1 };
      const band = fade(palette.control, 0.18);
      const edge = (of: (step: (typeof learningCurve)[number]) => number | undefined): Datum[] =>
        learningCurve.map((step) => ({ x: step.train, y: of(step) ?? step.accuracy }));
      const lowest = Math.min(shuffledLabels.low, ...learningCurve.map(({ accuracy, low }) => low ?? accuracy));
      return {
        datasets: [
          {
            data: edge(({ low }) => low),
            ...quiet,
            borderWidth: 0,
          },
          {
            label: t("worst to best draw"),
            data: edge(({ high }) => high),
            ...quiet,
            borderWidth: 0,
            backgroundColor: fade(palette.first, 0.2),
            fill: "-1",
          },
          {
            label: t("test accuracy"),
            data: learningCurve.map(({ train, accuracy }) => ({ x: train, y: accuracy })),
            borderColor: palette.first,
            backgroundColor: palette.first,
            borderWidth: 1.5,
            pointRadius: 2.5,
          },
          { label: t("shuffled labels, mean"), data: flat(shuffledLabels.mean), ...quiet, borderDash: [4, 3] },
          { data: flat(shuffledLabels.low), ...quiet, borderWidth: 0 },
          {
            label: t("shuffled labels, 95 % of the shuffles"),
            data: flat(shuffledLabels.high),
            ...quiet,
            borderWidth: 0,
            backgroundColor: band,
            fill: "-1",
          },
        ],
        options: options<"line", Datum>(palette, {
          x: { title: t("training edits"), min: 0, integers: true, format: count },
          y: {
            min: Math.max(0, Math.floor(lowest * 10 - 0.5) / 10),
            max: 1,
            format: (value) => typesetPercent(value, 0),
          },
          heading: ({ x }) => t("{0} training edits", count(x)),
          line: ({ y }, series) => `${series}: ${typesetPercent(y)}`,
          hover: "nearest",
          legend: "lines",
        }),
      };
    },
    table: ({ classifier }) => ({
      caption: t("Learning curve"),
      header: [t("Training edits"), t("Test accuracy"), t("Worst draw"), t("Best draw")],
      rows: classifier.learningCurve.map(({ train, accuracy, low, high }) => [
        count(train),
        typesetPercent(accuracy),
        typesetPercent(low ?? accuracy),
        typesetPercent(high ?? accuracy),
      ]),
    }),
  });
}
