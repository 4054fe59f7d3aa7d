/** The same figure of every name of two experiments, as two histograms over one another. */
import { t } from "@vscode/l10n";
import type { ComparedExperiments, ComparisonIntent } from "../../protocol/comparison.ts";
import type { Point } from "../../protocol/results.ts";
import { histogramPicture } from "../../text/histogramPicture.ts";
import { count, typesetPercent } from "../../text/numbers.ts";
import { chartFigure } from "../charts/figure.ts";
import { hatch } from "../charts/markers.ts";
import { type Datum, options } from "../charts/options.ts";
import { exportedPicture, exportMenu } from "../exportMenu.ts";
import type { Host } from "../host.ts";
import { fade } from "../theme.ts";
import type { View } from "../view.ts";
import { binText, sharesCsv, sharesOf } from "./shares.ts";

export interface Compared {
  readonly experiments: ComparedExperiments;
  /** How they are told apart: unlike each other. */
  readonly titles: readonly [string, string];
}

interface Overlay {
  readonly title: string;
  readonly axis: string;
  /** The exports' file name, without its ending. */
  readonly file: string;
  readonly of: (point: Point) => number;
}

type Bin = Datum & { readonly span: string; readonly names: number };

export function overlay(host: Host<ComparisonIntent, object>, { title, axis, file, of }: Overlay): View<Compared> {
  let shown: Compared | undefined;
  const exports = exportMenu(host, file, () => {
    if (!shown) return undefined;
    const shares = sharesOf(shown.experiments, of);
    const [one, other] = shown.titles;
    const series = [
      { label: one, shares: shares.shares[0] },
      { label: other, shares: shares.shares[1] },
    ] as const;
    return exportedPicture(
      () => sharesCsv(shares),
      () => histogramPicture({ title, axis, edges: shares.edges, series }),
    );
  });
  const chart = chartFigure<"bar", Bin, Compared>({
    kind: "bar",
    title,
    size: "medium",
    tools: exports,
    summary: ({ titles }) => t("{0} over {1}.", ...titles),
    draw: ({ experiments, titles }, palette) => {
      const { edges, counts, shares } = sharesOf(experiments, of);
      return {
        datasets: ([palette.one, palette.other] as const).map((colour, i) => {
          const fill = fade(colour, 0.5);
          const drawn = i === 0 ? fill : hatch(fill);
          return {
            label: titles[i] ?? "",
            data: (shares[i] ?? []).map((y, at) => ({
              x: ((edges[at] ?? 0) + (edges[at + 1] ?? 0)) / 2,
              y,
              span: binText(edges, at),
              names: counts[i]?.[at] ?? 0,
            })),
            backgroundColor: drawn,
            hoverBackgroundColor: drawn,
            borderColor: colour,
            borderWidth: 1,
            barPercentage: 1,
            categoryPercentage: 1,
            // Over one another, not beside.
            grouped: false,
            pointStyle: "rect" as const,
          };
        }),
        options: options<"bar", Bin>(palette, {
          x: { title: axis, min: edges[0], max: edges.at(-1) },
          y: { title: t("share of its names"), min: 0, format: (share) => typesetPercent(share, 0) },
          heading: ({ span }) => span,
          line: ({ y, names }, label) => `${label}: ${typesetPercent(y)} (${count(names)})`,
          hover: "index",
          legend: "points",
        }),
      };
    },
    table: ({ experiments, titles }) => {
      const { edges, counts, shares } = sharesOf(experiments, of);
      return {
        caption: title,
        header: [axis, ...titles],
        rows: edges
          .slice(0, -1)
          .map((_, at) => [
            binText(edges, at),
            ...shares.map((share, i) => `${typesetPercent(share[at] ?? 0)} (${count(counts[i]?.[at] ?? 0)})`),
          ]),
      };
    },
  });
  return {
    ...chart,
    update(now) {
      shown = now;
      chart.update(now);
    },
  };
}
