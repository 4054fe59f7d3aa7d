/** The two curves of a solve: its loss by step, in its three parts, and the probability it reached. */
import { t } from "@vscode/l10n";
import type { StepLoss } from "../../../protocol/results.ts";
import { fixed, typesetPercent } from "../../../text/numbers.ts";
import { chartFigure } from "../../charts/figure.ts";
import { type Datum, options } from "../../charts/options.ts";
import type { Saves } from "../../exportMenu.ts";
import { fade, type Palette } from "../../theme.ts";
import type { View } from "../../view.ts";

/** While it runs only the total is known. */
export interface Losses {
  readonly total: readonly number[];
  readonly parts: readonly StepLoss[] | null;
}

const byStep = (values: readonly number[]): Datum[] => values.map((y, i) => ({ x: i + 1, y }));

function stacked(palette: Palette, parts: readonly StepLoss[]) {
  const series = [
    { label: "NLL", of: (step: StepLoss) => step.nll, dash: [] },
    { label: "KL", of: (step: StepLoss) => step.kl, dash: [6, 3] },
    { label: t("decay"), of: (step: StepLoss) => step.decay, dash: [2, 2] },
  ];
  return series.map(({ label, of, dash }, i) => ({
    label,
    data: byStep(parts.map(of)),
    borderColor: palette.series[i],
    backgroundColor: fade(palette.series[i] ?? palette.foreground, 0.25),
    borderWidth: 1.5,
    borderDash: dash,
    pointRadius: 0,
    fill: i === 0 ? "origin" : "-1",
  }));
}

/** Loss by step (Meng et al. 2022, eq. 4): NLL of the new answer, KL to the old behaviour, decay; stacked. */
export function lossChart(to: Saves): View<Losses> {
  return chartFigure<"line", Datum, Losses>({
    kind: "line",
    title: t("Loss by step"),
    saves: { to, name: "loss" },
    size: "small",
    summary: ({ total }) =>
      total.length === 0
        ? t("No step yet.")
        : t("From {0} to {1} in {2} steps.", fixed(total[0] ?? 0, 2), fixed(total.at(-1) ?? 0, 2), total.length),
    draw: ({ total, parts }, palette) => ({
      datasets: parts
        ? stacked(palette, parts)
        : [{ label: t("total"), data: byStep(total), borderColor: palette.first, borderWidth: 1.5, pointRadius: 0 }],
      options: options<"line", Datum>(palette, {
        x: { title: t("step"), min: 1, max: Math.max(2, total.length), integers: true },
        y: { min: 0, stacked: parts !== null },
        heading: ({ x }) => t("step {0}", x),
        line: ({ y }, series) => `${series} ${fixed(y, 3)}`,
        hover: "index",
        legend: "lines",
      }),
    }),
    table: ({ total, parts }) => ({
      caption: t("Loss by step"),
      header: [t("step"), t("total"), "NLL", "KL", t("decay")],
      rows: total.map((loss, i) => {
        const step = parts?.[i];
        const shown = (value: number | undefined) => (value === undefined ? "" : fixed(value, 3));
        return [String(i + 1), shown(loss), shown(step?.nll), shown(step?.kl), shown(step?.decay)];
      }),
    }),
  });
}

/** Mean probability of the new answer over the contexts, by step. */
export function probabilityChart(to: Saves): View<readonly StepLoss[]> {
  return chartFigure<"line", Datum, readonly StepLoss[]>({
    kind: "line",
    title: t("P(new answer) by step"),
    saves: { to, name: "probability" },
    size: "small",
    summary: (steps) =>
      t("From {0} to {1}.", typesetPercent(steps[0]?.probability ?? 0), typesetPercent(steps.at(-1)?.probability ?? 0)),
    draw: (steps, palette) => ({
      datasets: [
        {
          label: t("mean over the contexts"),
          data: byStep(steps.map((step) => step.probability)),
          borderColor: palette.first,
          backgroundColor: palette.first,
          borderWidth: 1.5,
          pointRadius: 2,
        },
      ],
      options: options<"line", Datum>(palette, {
        x: { title: t("step"), min: 1, max: Math.max(2, steps.length), integers: true },
        y: { min: 0, max: 1, format: (value) => typesetPercent(value, 0) },
        heading: ({ x }) => t("step {0}", x),
        line: ({ y }) => typesetPercent(y),
        hover: "index",
        legend: "none",
      }),
    }),
    table: (steps) => ({
      caption: t("P(new answer) by step"),
      header: [t("step"), t("probability")],
      rows: steps.map((step, i) => [String(i + 1), typesetPercent(step.probability)]),
    }),
  });
}
