/** The figures of two experiments in two columns, and how the second differs. */
import { t } from "@vscode/l10n";
import type { Report } from "../../protocol/results.ts";
import { csv } from "../../text/csv.ts";
import { count, fixed, shownDifference, signed, typesetPercent } from "../../text/numbers.ts";
import { meanings } from "../text/meanings.ts";
import { pointsBetween } from "../text/points.ts";

export interface Row {
  readonly name: string;
  /** As shown, and empty where it is the same. */
  readonly values: readonly [string, string];
  readonly difference: string;
  /** What the figure means, in plain words; empty where its name says it. */
  readonly help: string;
}

interface Figure {
  readonly name: string;
  readonly of: (report: Report) => number | null;
  readonly write: (value: number) => string;
  /** How the difference of two is written; in points for shares. */
  readonly differ: (from: number, to: number) => string;
  readonly help?: string;
}

const share = (name: string, of: Figure["of"], help?: string): Figure => ({
  name,
  of,
  write: (value) => typesetPercent(value),
  differ: pointsBetween,
  help,
});
const number = (name: string, digits: number, of: Figure["of"], help?: string): Figure => ({
  name,
  of,
  write: (value) => (digits === 0 ? count(value) : fixed(value, digits)),
  differ: (from, to) => signed(shownDifference(from, to, digits), digits),
  help,
});
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const figures = (): Figure[] => [
  number(t("Layer"), 0, ({ layer }) => layer),
  number(t("Seed"), 0, ({ seed }) => seed),
  number(t("Edits"), 0, ({ recorded }) => recorded.total),
  share(t("Flipped"), ({ recorded }) => recorded.flipped / recorded.total, meanings.flipped()),
  number(t("Steps of an edit"), 1, ({ recorded }) => recorded.meanEvaluations, meanings.steps()),
  number("‖Δv‖", 2, (report) => mean(report.points.map((point) => point.deltaNorm)), meanings.deltaNorm()),
  share(t("Test accuracy"), ({ classifier }) => classifier.testAccuracy, meanings.testAccuracy()),
  share(t("Shuffled labels"), ({ classifier }) => classifier.shuffledLabels.mean, meanings.shuffledLabels()),
  share(
    t("The same classifier on v"),
    ({ classifier }) => classifier.onValues?.testAccuracy ?? null,
    meanings.onValues(),
  ),
  number("‖g‖", 2, ({ vector }) => vector.norm, meanings.vectorNorm()),
  number(
    t("Cosine of g to the mean difference"),
    3,
    ({ vector }) => vector.cosineToMeanDifference,
    meanings.cosineToMeanDifference(),
  ),
  number(t("Best scale"), 2, ({ vector }) => vector.scale, meanings.bestScale()),
];

/** What both were made of, then their figures. */
export function rowsOf([one, other]: readonly [Report, Report]): Row[] {
  const text = (name: string, of: (report: Report) => string): Row => ({
    name,
    values: [of(one), of(other)],
    difference: of(one) === of(other) ? "" : "≠",
    help: "",
  });
  return [
    text(t("Concept"), ({ concept }) => concept.name),
    text(t("Model"), ({ model }) => model.name),
    text(t("Prompt"), ({ prompt }) => prompt),
    ...figures().map(({ name, of, write, differ, help = "" }): Row => {
      const [a, b] = [of(one), of(other)];
      const shown = (value: number | null) => (value === null ? "–" : write(value));
      return {
        name,
        values: [shown(a), shown(b)],
        difference: a === null || b === null || a === b ? "" : differ(a, b),
        help,
      };
    }),
  ];
}

/** The same with every digit. */
export function figuresCsv(reports: readonly [Report, Report]): string {
  const made = rowsOf(reports)
    .slice(0, 3)
    .map(({ name, values }) => [name, ...values]);
  return csv(["figure", "first", "second"], [...made, ...figures().map(({ name, of }) => [name, ...reports.map(of)])]);
}
