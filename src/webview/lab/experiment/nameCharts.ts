/** The experiment's charts in which every point is a name: PCA scatter and projection strip. */
import { t } from "@vscode/l10n";
import type { Report } from "../../../protocol/results.ts";
import { count, fixed, signed, typesetPercent } from "../../../text/numbers.ts";
import { direction } from "../../../text/words.ts";
import { chartFigure } from "../../charts/figure.ts";
import { bandLabels, rings, verticals } from "../../charts/markers.ts";
import { type NameDatum, nameDatasets } from "../../charts/names.ts";
import { options } from "../../charts/options.ts";
import { type Choice, dropdown } from "../../controls.ts";
import type { Saves } from "../../exportMenu.ts";
import type { View } from "../../view.ts";

/** What a chart over names is drawn from, and what it does when a name is chosen. */
export interface NamesView {
  readonly report: Report;
  readonly selected: (name: string) => boolean;
}
export type Choose = (name: string) => void;

export type Axes = "0,1" | "0,2" | "1,2";

const component = (report: Report, axis: number): string => {
  const share = report.pca.explainedVariance[axis];
  return share === undefined ? t("PC{0}", axis + 1) : t("PC{0} ({1} of variance)", axis + 1, typesetPercent(share));
};

const nameHover = {
  heading: ({ name }: NameDatum) => name,
  line: ({ note }: NameDatum, series: string) => `${series} · ${note}`,
  hover: "nearest" as const,
};

/** The recorded Δv's in their first principal components. */
export function pcaChart(
  to: Saves,
  axes: () => Axes,
  changeAxes: (axes: Axes) => void,
  choose: Choose,
): View<NamesView> {
  const choices: Choice[] = (["0,1", "0,2", "1,2"] as const).map((value) => {
    const [x, y] = value.split(",").map((axis) => Number(axis) + 1);
    return { value, label: `PC${x} × PC${y}` };
  });
  const tools = dropdown(t("Axes"), choices, (value) => changeAxes(value as Axes));
  tools.set(axes());
  const plane = (): [0 | 1, 1 | 2] => axes().split(",").map(Number) as [0 | 1, 1 | 2];
  return chartFigure<"scatter", NameDatum, NamesView>({
    kind: "scatter",
    title: t("Δv in principal components"),
    saves: { to, name: "principal-components" },
    size: "medium",
    tools: tools.element,
    onKeyboardSelect: ({ name }) => choose(name),
    summary: ({ report }) => t("{0} names; {1}.", count(report.points.length), component(report, 0)),
    draw: ({ report, selected }, palette) => {
      const [x, y] = plane();
      const place = ({ pca, score }: Report["points"][number]) => ({
        x: pca[x],
        y: pca[y],
        note: t("score {0}", signed(score, 2)),
      });
      return {
        datasets: nameDatasets(report.points, report.concept.labels, palette, place),
        options: options<"scatter", NameDatum>(palette, {
          x: { title: component(report, x) },
          y: { title: component(report, y) },
          ...nameHover,
          legend: "points",
          onClick: ({ name }) => choose(name),
        }),
        overlays: [rings<"scatter", NameDatum>(palette, selected)],
      };
    },
    table: ({ report }) => ({
      caption: t("Δv in principal components"),
      header: [t("Name"), t("Direction"), t("Split"), "PC1", "PC2", "PC3"],
      rows: report.points.map((point) => [
        point.name,
        direction(point.from, point.to),
        point.split,
        ...point.pca.map((value) => fixed(value, 2)),
      ]),
    }),
  });
}

/** A number in [0, 1) that belongs to a name: spreads points of a strip the same way each time. */
function scatterOf(name: string): number {
  let hash = 2166136261;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) / 2 ** 32;
}

const bands = ([first, second]: readonly [string, string]) => [
  { y: 2, text: direction(first, second) },
  { y: 1, text: direction(second, first) },
];

/** Every Δv along the gender vector, one band a direction. */
export function projectionStrip(to: Saves, choose: Choose): View<NamesView> {
  return chartFigure<"scatter", NameDatum, NamesView>({
    kind: "scatter",
    title: t("Projection on the vector"),
    saves: { to, name: "projections" },
    size: "strip",
    onKeyboardSelect: ({ name }) => choose(name),
    summary: ({ report }) => t("Standard deviation {0}.", fixed(report.vector.projectionDeviation, 1)),
    draw: ({ report, selected }, palette) => ({
      datasets: nameDatasets(report.points, report.concept.labels, palette, (point) => ({
        x: point.projection,
        y: (point.from === report.concept.labels[0] ? 1 : 0) + 0.15 + 0.7 * scatterOf(point.name),
        note: signed(point.projection),
      })),
      options: options<"scatter", NameDatum>(palette, {
        x: { title: t("Δvᵀg / ‖g‖") },
        y: { min: 0, max: 2, hidden: true },
        ...nameHover,
        legend: "none",
        onClick: ({ name }) => choose(name),
      }),
      overlays: [
        verticals<"scatter">(palette, [{ x: 0, label: "" }]),
        bandLabels<"scatter">(palette, bands(report.concept.labels)),
        rings<"scatter", NameDatum>(palette, selected),
      ],
    }),
    table: ({ report }) => ({
      caption: t("Projection on the vector"),
      header: [t("Name"), t("Direction"), t("Projection")],
      rows: [...report.points]
        .sort((a, b) => a.projection - b.projection)
        .map((point) => [point.name, direction(point.from, point.to), signed(point.projection)]),
    }),
  });
}
