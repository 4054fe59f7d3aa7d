/** How many names change, and how many stay, by the scale of the vector; the controls as quiet lines behind. */
import { t } from "@vscode/l10n";
import type { ChartDataset } from "chart.js";
import type { Report } from "../../../protocol/results.ts";
import { fixed, signed, typesetPercent } from "../../../text/numbers.ts";
import { chartFigure } from "../../charts/figure.ts";
import { verticals } from "../../charts/markers.ts";
import { type Datum, options } from "../../charts/options.ts";
import type { Saves } from "../../exportMenu.ts";
import { fade, type Palette } from "../../theme.ts";
import type { View } from "../../view.ts";
import { type Judge, type Measured, type Part, type Share, sweepOf } from "./sweep.ts";

export interface SweepValue {
  readonly report: Report;
  readonly judge: Judge;
  readonly scale: number;
}

type Series = ChartDataset<"line", Datum[]>;

/** Both signs on one axis: the rates of −scale to the left of zero, those of +scale to the right. */
function bothSigns(sweep: readonly Measured[], part: Part, of: (share: Share) => number): Datum[] {
  const left = sweep.map(({ scale, shares }) => ({ x: -scale, y: of(shares.minus[part]) }));
  const right = sweep.slice(1).map(({ scale, shares }) => ({ x: scale, y: of(shares.plus[part]) }));
  return [...left.reverse(), ...right];
}

const mean = (share: Share) => share.mean;
const changed = (sweep: readonly Measured[], of = mean) => bothSigns(sweep, "changed", of);
const stayed = (sweep: readonly Measured[]) => bothSigns(sweep, "stayed", mean);

const names = () => ({
  changed: t("changed as wished"),
  stayed: t("stayed as they should"),
  meanDifference: t("control: mean difference, changed"),
  random: t("control: random vectors, changed"),
  randomRange: t("control: random vectors, lowest to highest"),
});

function datasets({ report, judge }: SweepValue, palette: Palette): Series[] {
  const { transfer } = report;
  const own = sweepOf(transfer, "concept", judge);
  const random = sweepOf(transfer, "random", judge);
  const difference = sweepOf(transfer, "meanDifference", judge);
  const name = names();
  // The colours of the directions mean directions everywhere; these are rates of both.
  const [, purple, green] = palette.series;
  const quiet = { borderColor: palette.control, backgroundColor: palette.control, borderWidth: 1, pointRadius: 0 };
  return [
    {
      label: name.changed,
      data: changed(own),
      borderColor: purple,
      backgroundColor: purple,
      borderWidth: 2,
      pointRadius: 3,
      pointStyle: "circle",
    },
    {
      label: name.stayed,
      data: stayed(own),
      borderColor: green,
      backgroundColor: green,
      borderWidth: 2,
      borderDash: [8, 3, 2, 3],
      pointRadius: 3,
      pointStyle: "rect",
    },
    { label: name.meanDifference, data: changed(difference), ...quiet, borderDash: [2, 3] },
    { label: name.random, data: changed(random), ...quiet, borderDash: [6, 3] },
    { data: changed(random, (share) => share.low), ...quiet, borderWidth: 0 },
    {
      label: name.randomRange,
      data: changed(random, (share) => share.high),
      ...quiet,
      borderWidth: 0,
      backgroundColor: fade(palette.control, 0.18),
      fill: "-1",
    },
  ];
}

export function sweepChart(to: Saves): View<SweepValue> {
  return chartFigure<"line", Datum, SweepValue>({
    kind: "line",
    title: t("Rates by scale"),
    saves: { to, name: "rates-by-scale" },
    size: "medium",
    summary: ({ scale }) => t("Now at scale {0}.", signed(scale, 2)),
    draw: (value, palette) => {
      const series = datasets(value, palette).filter((dataset) => dataset.data.length > 0);
      const reach = Math.max(2, ...series.flatMap((dataset) => dataset.data.map(({ x }) => Math.abs(x))));
      return {
        datasets: series,
        options: options<"line", Datum>(palette, {
          x: { title: t("scale of the vector"), min: -reach, max: reach, format: (scale) => signed(scale, 1) },
          y: { min: 0, max: 1, format: (share) => typesetPercent(share, 0) },
          heading: ({ x }) => t("scale {0}", signed(x, 2)),
          line: ({ y }, label) => `${label}: ${typesetPercent(y)}`,
          hover: "index",
          legend: "lines",
        }),
        overlays: [verticals<"line">(palette, [{ x: value.scale, label: "" }])],
      };
    },
    table: ({ report, judge }) => {
      const { labels } = report.concept;
      const kinds = [
        [t("vector"), "concept"],
        [t("mean difference"), "meanDifference"],
        [t("random vectors"), "random"],
      ] as const;
      const cell = ({ mean: share, low, high, counts }: Share) =>
        low === high
          ? `${typesetPercent(share)} (${counts.count}/${counts.total})`
          : `${typesetPercent(share)} (${typesetPercent(low)} … ${typesetPercent(high)})`;
      return {
        caption: t("Rates by scale"),
        header: [
          t("Vector"),
          t("Scale"),
          `+ ${labels[0]}→${labels[1]}`,
          t("+ {0} stays", labels[1]),
          `− ${labels[1]}→${labels[0]}`,
          t("− {0} stays", labels[0]),
        ],
        rows: kinds.flatMap(([title, vector]) =>
          sweepOf(report.transfer, vector, judge).map(({ scale, shares }) => [
            title,
            fixed(scale, 2),
            cell(shares.plus.changed),
            cell(shares.plus.stayed),
            cell(shares.minus.changed),
            cell(shares.minus.stayed),
          ]),
        ),
      };
    },
  });
}
