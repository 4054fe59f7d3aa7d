/** Scatter charts in which every point is a name: told apart by direction (shape and colour) and split (fill). */
import { t } from "@vscode/l10n";
import type { ChartDataset } from "chart.js";
import type { Point } from "../../protocol/results.ts";
import { direction } from "../../text/words.ts";
import { fade, type Palette } from "../theme.ts";
import type { Datum } from "./options.ts";

export interface NameDatum extends Datum {
  readonly name: string;
  readonly note: string;
}

/** One data set for each direction and split; `place` puts a point into the plane. */
export function nameDatasets(
  points: readonly Point[],
  labels: readonly [string, string],
  palette: Palette,
  place: (point: Point) => { x: number; y: number; note: string },
): ChartDataset<"scatter", NameDatum[]>[] {
  return [0, 1].flatMap((side) =>
    (["train", "test"] as const).map((split) => {
      const colour = side === 0 ? palette.first : palette.second;
      const [from, to] = side === 0 ? labels : [labels[1], labels[0]];
      return {
        label: `${direction(from, to)}, ${split === "train" ? t("train") : t("test")}`,
        data: points
          .filter((point) => point.from === from && point.split === split)
          .map((point) => ({ name: point.name, ...place(point) })),
        pointStyle: side === 0 ? ("circle" as const) : ("triangle" as const),
        radius: side === 0 ? 3 : 4,
        hoverRadius: 5,
        borderWidth: 1,
        borderColor: colour,
        hoverBorderColor: palette.foreground,
        backgroundColor: split === "train" ? fade(colour, 0.55) : "transparent",
        hoverBackgroundColor: colour,
      };
    }),
  );
}
