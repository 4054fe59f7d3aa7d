/** The same edits at every layer: success, other words, damage, and how long Δv has to be. */
import { t } from "@vscode/l10n";
import type { Layers } from "../../../protocol/measurements.ts";
import { csv } from "../../../text/csv.ts";
import { fixed, outOf, typesetPercent } from "../../../text/numbers.ts";
import { chartFigure } from "../../charts/figure.ts";
import { verticals } from "../../charts/markers.ts";
import { options } from "../../charts/options.ts";
import type { Saves } from "../../exportMenu.ts";
import type { Table } from "../../table.ts";
import type { View } from "../../view.ts";
import { type LayerDatum, layerSeries } from "./layerSeries.ts";

/** Every number of the sweep, a row a layer. */
export function layersTable({ rows, editLayer }: Layers): Table {
  return {
    caption: t("Which layer?"),
    header: [
      t("Layer"),
      t("Success"),
      t("In other words"),
      t("Other names changed"),
      "‖Δv‖",
      "‖Δv‖/‖v‖",
      t("KL elsewhere"),
      "|kᵀu|/‖k‖",
      t("Evaluations"),
    ],
    rows: rows.map((row) => [
      row.layer === editLayer ? t("{0} (in use)", row.layer) : String(row.layer),
      ...[row.success, row.paraphrase, row.damage].map(({ count, total }) => outOf(count, total)),
      fixed(row.deltaNorm, 1),
      fixed(row.deltaToValue, 2),
      fixed(row.divergence, 5),
      fixed(row.denominator, 3),
      fixed(row.evaluations, 1),
    ]),
  };
}

const columns = [
  "layer",
  "magnitude",
  "deltaNorm",
  "valueNorm",
  "deltaToValue",
  "evaluations",
  "denominator",
  "damageProbability",
  "divergence",
] as const;
const rates = ["success", "paraphrase", "damage"] as const;

/** One line a layer, every digit; rates as counts. */
function layersCsv({ rows }: Layers): string {
  return csv(
    [...columns, ...rates.flatMap((name) => [name, `${name}Of`])],
    rows.map((row) => [
      ...columns.map((name) => row[name]),
      ...rates.flatMap((name) => [row[name].count, row[name].total]),
    ]),
  );
}

export function layersChart(to: Saves): View<Layers> {
  return chartFigure<"line", LayerDatum, Layers>({
    kind: "line",
    title: t("Which layer?"),
    size: "medium",
    saves: { to, name: "layers" },
    csv: layersCsv,
    summary: ({ rows, editLayer }) => t("{0} layers; edits use layer {1}.", rows.length, editLayer),
    draw: ({ rows, editLayer }, palette) => ({
      datasets: layerSeries(rows, palette),
      options: options<"line", LayerDatum>(palette, {
        x: { title: t("layer"), min: 0, max: rows.length - 1, integers: true },
        y: { min: 0, max: 1, format: (value) => typesetPercent(value, 0) },
        y2: { title: "‖Δv‖", min: 0 },
        heading: ({ x }) => t("layer {0}", x),
        line: ({ text }, label) => `${label}: ${text}`,
        hover: "index",
        legend: "lines",
      }),
      overlays: [verticals<"line">(palette, [{ x: editLayer, label: t("in use") }])],
    }),
    table: layersTable,
  });
}
