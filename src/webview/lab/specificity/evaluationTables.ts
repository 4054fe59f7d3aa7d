/** An evaluation as tables and CSV: CounterFact's measures, the other facts, the neighbours that changed. */
import { t } from "@vscode/l10n";
import type { Evaluation, EvaluationRun } from "../../../protocol/measurements.ts";
import { csv } from "../../../text/csv.ts";
import { fixed, outOf, shownDifference, signed, typesetPercent } from "../../../text/numbers.ts";
import type { Table } from "../../table.ts";
import { pointsBetween } from "../../text/points.ts";

type When = "before" | "after";

interface Measure {
  /** As in the CSV. */
  readonly id: string;
  readonly title: string;
  /** Null where there is no such number. */
  readonly of: (run: EvaluationRun, when: When) => number | null;
  readonly show: (value: number) => string;
  readonly change: (before: number, after: number) => string;
}

const digits = (count: number) => ({
  show: (value: number) => fixed(value, count),
  change: (before: number, after: number) => signed(shownDifference(before, after, count), count),
});
const shares = {
  show: (value: number) => typesetPercent(value),
  change: pointsBetween,
};
const onlyAfter = (of: (run: EvaluationRun) => number) => (run: EvaluationRun, when: When) =>
  when === "before" ? null : of(run);

const measures = (): readonly Measure[] => [
  ...(
    [
      ["efficacy", t("Efficacy"), t("Efficacy magnitude")],
      ["paraphrase", t("Paraphrase"), t("Paraphrase magnitude")],
      ["neighbourhood", t("Neighbourhood"), t("Neighbourhood magnitude")],
    ] as const
  ).flatMap(([part, score, magnitude]): Measure[] => [
    { id: `${part} score`, title: score, of: (run, when) => run[part][when].score, ...shares },
    { id: `${part} magnitude`, title: magnitude, of: (run, when) => run[part][when].magnitude, ...digits(3) },
  ]),
  { id: "score", title: t("Score S (harmonic mean)"), of: ({ score }, when) => score[when], ...shares },
  { id: "fluency", title: t("Fluency (bits)"), of: ({ fluency }, when) => fluency[when], ...digits(3) },
  { id: "consistency", title: t("Consistency"), of: (run, when) => run.consistency?.[when] ?? null, ...digits(3) },
  { id: "perplexity", title: t("Perplexity"), of: ({ perplexity }, when) => perplexity[when], ...digits(3) },
  { id: "divergence", title: t("KL elsewhere"), of: onlyAfter(({ divergence }) => divergence), ...digits(5) },
  { id: "denominator", title: "|kᵀu|/‖k‖", of: onlyAfter(({ denominator }) => denominator), ...digits(3) },
  { id: "updateNorm", title: "‖r‖", of: onlyAfter(({ updateNorm }) => updateNorm), ...digits(2) },
];

export function runName({ kind, key, scale }: EvaluationRun): string {
  return kind === "edit" ? key : t("vector at {0}", fixed(scale ?? 0, 2));
}

/** One way of editing: before, after and the difference. Several: before, then what each comes to. */
export function measuresTable({ runs }: Evaluation): Table {
  const [first] = runs;
  const cell = ({ of, show }: Measure, run: EvaluationRun | undefined, when: When) => {
    const value = run ? of(run, when) : null;
    return value === null ? "–" : show(value);
  };
  const difference = ({ of, change }: Measure, run: EvaluationRun) => {
    const [was, is] = [of(run, "before"), of(run, "after")];
    return was === null || is === null ? "–" : change(was, is);
  };
  const alone = runs.length === 1;
  return {
    caption: t("What the edit did, and what else"),
    header: [t("Measure"), t("Before"), ...(alone ? [t("After"), t("Change")] : runs.map(runName))],
    rows: measures().map((measure) => [
      measure.title,
      cell(measure, first, "before"),
      ...runs.map((run) => cell(measure, run, "after")),
      ...(alone && first ? [difference(measure, first)] : []),
    ]),
  };
}

/** Home, occupation, age, pronoun: of the edited name before and after (of several names: how many stay), and of others. */
export function factsTable({ runs, suite }: Evaluation): Table {
  const [first] = runs;
  const only = first?.each.length === 1 ? first.each[0] : undefined;
  const header = (title: string, run: EvaluationRun) => (runs.length === 1 ? title : `${runName(run)}: ${title}`);
  const kept = (rate: { count: number; total: number } | undefined) => (rate ? outOf(rate.count, rate.total) : "–");
  return {
    caption: t("Other facts"),
    header: [
      t("Fact"),
      ...(only ? [t("Before")] : []),
      ...runs.flatMap((run) => [
        header(only ? t("After") : t("Same name, kept"), run),
        header(t("Other names, kept"), run),
      ]),
    ],
    rows: suite.facts.map(({ fact }, i) => [
      fact,
      ...(only ? [only.facts[i]?.before || "–"] : []),
      ...runs.flatMap((run) => [
        only ? run.each[0]?.facts[i]?.after || "–" : kept(run.facts[i]?.own),
        kept(run.facts[i]?.neighbours),
      ]),
    ]),
  };
}

/** The other names that changed most: none where the edit kept to its name. */
export function worstTable({ runs }: Evaluation): Table {
  return {
    caption: t("Other names that changed"),
    header: [t("Name"), t("Edited"), t("Way"), t("Fact"), t("Before"), t("After")],
    rows: runs.flatMap((run) =>
      run.worst.map(({ name, edited, fact, before, after }) => [name, edited, runName(run), fact, before, after]),
    ),
  };
}

/** How the edit comes out, in words, for each way of editing. */
export function verdict(evaluation: Evaluation, run: EvaluationRun): string {
  const [only] = run.each;
  const others = run.facts.reduce((sum, { neighbours }) => sum + neighbours.count, 0);
  const asked = run.facts.reduce((sum, { neighbours }) => sum + neighbours.total, 0);
  const prompt = only ? evaluation.concept.prompt.replace("{}", () => only.name) : "";
  const edit =
    run.each.length > 1 || !only
      ? t("{0} of {1} edits hold at their prompt", typesetPercent(run.efficacy.after.score, 0), run.edits)
      : run.efficacy.after.score === 1
        ? t("With this edit, “{0}” goes on with {1}", prompt, only.to)
        : t("Even with this edit, “{0}” goes on with {1}", prompt, only.from);
  return t(
    "{0}; asked in other words, {1} follow. {2} of the other names keep their answer, and {3} of their other facts stay.",
    edit,
    typesetPercent(run.paraphrase.after.score, 0),
    typesetPercent(run.neighbourhood.after.score, 0),
    outOf(others, asked),
  );
}

/** One line a number, every digit: of all edits (no name) and, for facts, of each. */
export function evaluationCsv({ runs }: Evaluation): string {
  return csv(
    ["way", "name", "measure", "before", "after"],
    runs.flatMap((run) => [
      ...measures().map(({ id, of }) => [runName(run), "", id, of(run, "before") ?? "", of(run, "after") ?? ""]),
      ...run.each.flatMap((edit) => [
        ...(["efficacy", "paraphrase", "neighbourhood"] as const).map((part) => [
          runName(run),
          edit.name,
          `${part} score`,
          edit[part].before.score,
          edit[part].after.score,
        ]),
        ...edit.facts.map(({ fact, before, after }) => [runName(run), edit.name, fact, before, after]),
      ]),
      ...run.worst.map(({ name, fact, before, after }) => [runName(run), name, fact, before, after]),
    ]),
  );
}
