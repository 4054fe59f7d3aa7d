/** How well the classifier tells the directions apart: a histogram of its scores. */
import { t } from "@vscode/l10n";
import type { Report } from "../../../protocol/results.ts";
import { count, decimals, signed, typesetPercent } from "../../../text/numbers.ts";
import { direction } from "../../../text/words.ts";
import { bin } from "../../charts/bins.ts";
import { chartFigure } from "../../charts/figure.ts";
import { hatch, verticals } from "../../charts/markers.ts";
import { type Datum, options } from "../../charts/options.ts";
import type { Saves } from "../../exportMenu.ts";
import { fade } from "../../theme.ts";
import type { View } from "../../view.ts";
import type { NamesView } from "./nameCharts.ts";

/** How often each classifier score occurs; directions told apart by hatching, test names by a full fill. */
export function scoreChart(to: Saves): View<NamesView> {
  const series = (report: Report) =>
    [0, 1].flatMap((side) =>
      (["train", "test"] as const).map((split) => {
        const [from, to] = side === 0 ? report.concept.labels : [...report.concept.labels].reverse();
        const points = report.points.filter((point) => point.from === from && point.split === split);
        return {
          side,
          split,
          label: `${direction(from ?? "", to ?? "")}, ${split === "train" ? t("train") : t("test")}`,
          points,
        };
      }),
    );
  const histogram = (report: Report) => {
    const groups = series(report);
    return {
      groups,
      bins: bin(
        groups.map(({ points }) => points.map((point) => point.score)),
        32,
      ),
    };
  };
  const edgeText = (edges: readonly number[], i: number) => {
    const [low = 0, high = 0] = [edges[i], edges[i + 1]];
    const digits = decimals(Number((high - low).toPrecision(6)));
    return `${signed(low, digits)} … ${signed(high, digits)}`;
  };
  return chartFigure<"bar", Datum & { readonly span: string }, NamesView>({
    kind: "bar",
    title: t("Classifier score"),
    saves: { to, name: "scores" },
    size: "medium",
    summary: ({ report }) => {
      const { interval95, testAccuracy } = report.classifier;
      return t(
        "Test accuracy {0}, 95 % interval {1} to {2}.",
        typesetPercent(testAccuracy),
        typesetPercent(interval95[0]),
        typesetPercent(interval95[1]),
      );
    },
    draw: ({ report, selected }, palette) => {
      const { groups, bins } = histogram(report);
      const chosen = report.points.filter((point) => selected(point.name));
      return {
        datasets: groups.map(({ side, split, label }, i) => {
          const colour = side === 0 ? palette.first : palette.second;
          const tone = split === "train" ? fade(colour, 0.5) : colour;
          const fill = side === 0 ? tone : hatch(tone);
          return {
            label,
            data: (bins.counts[i] ?? []).map((y, at) => ({
              x: ((bins.edges[at] ?? 0) + (bins.edges[at + 1] ?? 0)) / 2,
              y,
              span: edgeText(bins.edges, at),
            })),
            backgroundColor: fill,
            hoverBackgroundColor: fill,
            borderColor: colour,
            borderWidth: split === "train" ? 0 : 1,
            barPercentage: 1,
            categoryPercentage: 1,
            pointStyle: "rect" as const,
          };
        }),
        options: options<"bar", Datum & { readonly span: string }>(palette, {
          x: { title: t("logit on Δv"), min: bins.edges[0], max: bins.edges.at(-1), stacked: true },
          y: { title: t("names"), min: 0, stacked: true, integers: true },
          heading: ({ span }) => t("score {0}", span),
          line: ({ y }, label) => `${label}: ${count(y)}`,
          hover: "index",
          legend: "points",
        }),
        overlays: [
          verticals<"bar">(
            palette,
            chosen.map(({ score, name }) => ({ x: score, label: name })),
          ),
        ],
      };
    },
    table: ({ report }) => {
      const { groups, bins } = histogram(report);
      return {
        caption: t("Classifier score"),
        header: [t("Score"), ...groups.map(({ label }) => label)],
        rows: bins.edges
          .slice(0, -1)
          .map((_, at) => [edgeText(bins.edges, at), ...bins.counts.map((of) => count(of[at] ?? 0))]),
      };
    },
  });
}
