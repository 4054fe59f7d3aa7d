/** The lines of the layers' chart. */
import { t } from "@vscode/l10n";
import type { LayerRow } from "../../../protocol/measurements.ts";
import { fixed, typesetPercent } from "../../../text/numbers.ts";

/** What of the palette they take. */
interface Colours {
  readonly first: string;
  readonly second: string;
  readonly series: readonly [string, string, string];
}

export interface LayerDatum {
  readonly x: number;
  readonly y: number;
  /** The value as it is told. */
  readonly text: string;
}

type Rate = LayerRow["success"];
const share = ({ count, total }: Rate) => (total === 0 ? 0 : count / total);

/** One line a figure; ‖Δv‖, which is no share, on the scale at the right. */
export function layerSeries(rows: readonly LayerRow[], palette: Colours) {
  const rates = (of: (row: LayerRow) => Rate) =>
    rows.map((row): LayerDatum => ({ x: row.layer, y: share(of(row)), text: typesetPercent(share(of(row))) }));
  const line = (label: string, colour: string, pointStyle: string, borderDash: number[], data: LayerDatum[]) => ({
    label,
    data,
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 2,
    borderDash,
    pointRadius: 4,
    pointStyle,
  });
  const [, purple, green] = palette.series;
  return [
    line(
      t("success"),
      palette.first,
      "circle",
      [],
      rates(({ success }) => success),
    ),
    line(
      t("in other words"),
      purple,
      "triangle",
      [6, 3],
      rates(({ paraphrase }) => paraphrase),
    ),
    line(
      t("other names changed"),
      palette.second,
      "rect",
      [8, 3, 2, 3],
      rates(({ damage }) => damage),
    ),
    {
      ...line(
        t("‖Δv‖ (right)"),
        green,
        "rectRot",
        [2, 3],
        rows.map(({ layer, deltaNorm }) => ({ x: layer, y: deltaNorm, text: fixed(deltaNorm, 1) })),
      ),
      yAxisID: "y2",
    },
  ];
}
