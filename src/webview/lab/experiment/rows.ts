/** The table of all edits as values: its columns, order, filter and CSV. */
import { t } from "@vscode/l10n";
import type { Point } from "../../../protocol/results.ts";
import { type Cell, csv } from "../../../text/csv.ts";
import { count, fixed, signed, typesetPercent } from "../../../text/numbers.ts";
import { direction } from "../../../text/words.ts";

export const columnIds = [
  "name",
  "direction",
  "before",
  "after",
  "score",
  "projection",
  "deltaNorm",
  "evaluations",
  "split",
] as const;
export type ColumnId = (typeof columnIds)[number];

export const directionFilters = ["both", "first", "second"] as const;
export const subsets = ["all", "train", "test", "unflipped", "misread"] as const;

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  readonly hint?: string;
  readonly numeric: boolean;
  readonly value: (point: Point) => string | number;
  readonly show: (point: Point) => string;
}

/** Probability of the label that the edit writes, as a fraction. */
const target = (point: Point, side: "before" | "after"): number => point[side][point.to] ?? Number.NaN;

export const columns = (): readonly Column[] => {
  const text = (id: ColumnId, title: string, value: (point: Point) => string): Column => ({
    id,
    title,
    numeric: false,
    value,
    show: value,
  });
  const number = (
    id: ColumnId,
    title: string,
    value: (point: Point) => number,
    format: (value: number) => string,
    hint?: string,
  ): Column => ({ id, title, hint, numeric: true, value, show: (point) => format(value(point)) });
  return [
    text("name", t("Name"), (point) => point.name),
    text("direction", t("Direction"), (point) => direction(point.from, point.to)),
    number(
      "before",
      t("P(new answer) before"),
      (p) => target(p, "before"),
      typesetPercent,
      t("Probability of the new answer before the edit"),
    ),
    number(
      "after",
      t("P(new answer) after"),
      (p) => target(p, "after"),
      typesetPercent,
      t("Probability of the new answer after the edit"),
    ),
    number(
      "score",
      t("Score"),
      (point) => point.score,
      (value) => signed(value, 2),
      t("Classifier logit on Δv"),
    ),
    number("projection", t("Projection"), (point) => point.projection, signed, t("Δv along the vector")),
    number(
      "deltaNorm",
      "‖Δv‖",
      (point) => point.deltaNorm,
      (value) => fixed(value, 1),
    ),
    number("evaluations", t("Steps"), (point) => point.evaluations, count),
    text("split", t("Split"), (point) => (point.split === "train" ? t("train") : t("test"))),
  ];
};

/** Which sign of the score stands for `labels[0]→labels[1]`, told from the points themselves. */
export function signOfFirst(points: readonly Point[], labels: readonly [string, string]): 1 | -1 {
  const sum = points.reduce((total, point) => total + (point.from === labels[0] ? point.score : -point.score), 0);
  return sum < 0 ? -1 : 1;
}

/** The classifier reads the direction of this Δv the wrong way round. */
export function isMisread(point: Point, labels: readonly [string, string], sign: 1 | -1): boolean {
  return point.score * sign > 0 !== (point.from === labels[0]);
}

export interface Filter {
  readonly text: string;
  readonly direction: (typeof directionFilters)[number];
  readonly subset: (typeof subsets)[number];
}

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** The points a filter lets through, in the order they came. The text is looked for anywhere in the name. */
export function filterPoints(
  points: readonly Point[],
  filter: Filter,
  labels: readonly [string, string],
): readonly Point[] {
  const sign = signOfFirst(points, labels);
  const wanted = plain(filter.text.trim());
  const inSubset: Record<Filter["subset"], (point: Point) => boolean> = {
    all: () => true,
    train: (point) => point.split === "train",
    test: (point) => point.split === "test",
    unflipped: (point) => !point.flipped,
    misread: (point) => isMisread(point, labels, sign),
  };
  return points.filter(
    (point) =>
      plain(point.name).includes(wanted) &&
      (filter.direction === "both" || (filter.direction === "first") === (point.from === labels[0])) &&
      inSubset[filter.subset](point),
  );
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Sorted by a column; equals stay by name. */
export function sortPoints(
  points: readonly Point[],
  sort: { readonly column: ColumnId; readonly descending: boolean },
): readonly Point[] {
  const value = columns().find((column) => column.id === sort.column)?.value ?? ((point: Point) => point.name);
  const way = sort.descending ? -1 : 1;
  return [...points].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const order = typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y));
    return order * way || collator.compare(a.name, b.name);
  });
}

/** The points as CSV, with full numbers (probabilities as fractions) and every field the table abbreviates. */
export function pointsCsv(points: readonly Point[]): string {
  const header = [
    "name",
    "from",
    "to",
    "split",
    "flipped",
    "probability_before",
    "probability_after",
    "score",
    "projection",
    "delta_norm",
    "evaluations",
    "pca_1",
    "pca_2",
    "pca_3",
  ];
  const row = (p: Point): Cell[] => [
    p.name,
    p.from,
    p.to,
    p.split,
    p.flipped,
    target(p, "before"),
    target(p, "after"),
    p.score,
    p.projection,
    p.deltaNorm,
    p.evaluations,
    ...p.pca,
  ];
  return csv(header, points.map(row));
}
