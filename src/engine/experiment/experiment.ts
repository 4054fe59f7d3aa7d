import { join } from "node:path";
import * as v from "valibot";
import type { Concept } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Report } from "../../protocol/results.ts";
import { type Run, within } from "../../protocol/run.ts";
import { storedReport } from "../../protocol/storedReport.ts";
import { shellWord } from "../../text/shell.ts";
import type { ExperimentNames } from "../concept/names.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { readText } from "../files/readText.ts";
import { Random } from "../numerics/random.ts";
import { stratifiedSplit } from "../numerics/split.ts";
import type { CovarianceChoice } from "../rome/covarianceStore.ts";
import type { Rome } from "../rome/rome.ts";
import { analyze } from "./analyze.ts";
import { type ApplyOptions, type Candidate, failuresOf, sweep } from "./apply.ts";
import { Dataset } from "./dataset.ts";
import { type Manifest, requireModel } from "./manifest.ts";
import { reportHtml } from "./reportHtml.ts";
import { readClassifier } from "./scorer.ts";
import { bestScale, furtherScale } from "./transfer.ts";
import { meanDifference, randomSigns, scaledTo } from "./vector.ts";

/** The scales that are tried on any new names. */
export const usualScales = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
/** Where longer ones work better, up to so many mean ‖Δv‖: what is longer than an edit is no fair stand-in for one. */
const longest = 1.5;
/** Random sign vectors: some at every scale, more where the vector works best. */
export const randomSeeds = [1, 2, 3];
export const randomSeedsAtBest = 20;
/** Of the split, the shuffles and what `holdOut` keeps back. */
export const defaultSeed = 0;

/** Classifier, controls and vector of a data set, written into it: report.json, report.html, classifier.json. */
export async function analyzeFolder(folder: string, concept: Concept, seed = defaultSeed): Promise<Report> {
  const dataset = await Dataset.open(folder);
  const { records, delta, value } = await dataset.read();
  const { report, classifier } = analyze({
    records,
    deltas: delta,
    values: value,
    manifest: dataset.manifest,
    concept,
    seed,
  });
  await writeJson(join(folder, "classifier.json"), classifier);
  await writeReport(folder, report);
  return report;
}

/**
 * Chooses the scale on one half of the new names; applies the vector and its controls to the other half at every scale,
 * and the vectors to names of other labels. The report with `validation`, `transfer` and the best scale.
 */
export async function sweepFolder(
  rome: Rome,
  folder: string,
  { fresh, others }: Pick<ExperimentNames, "fresh" | "others">,
  concept: Concept,
  covariance: CovarianceChoice | undefined,
  run: Run,
): Promise<Report> {
  requireFresh(fresh);
  const dataset = await Dataset.open(folder);
  requireModel(folder, dataset.manifest, { name: "the open model", fingerprint: rome.model.checkpoint.fingerprint });
  const report = await readReport(folder);
  const { vector: g } = await readClassifier(folder, rome.model.size.width);
  const { records, delta } = await dataset.read();
  const difference = scaledTo(meanDifference(records, delta, concept.targets[0].label), report.vector.norm);
  const { choosing, judged } = halvesOf(fresh, report.seed);
  const everyScale: Candidate[] = [
    { vector: "concept", direction: g },
    { vector: "meanDifference", direction: difference },
    ...randomSeeds.map((seed): Candidate => ({ vector: "random", seed, direction: randomSigns(g.length, seed) })),
  ];
  const more = Array.from({ length: randomSeedsAtBest - randomSeeds.length }, (_, i): Candidate => {
    const seed = i + randomSeeds.length + 1;
    return { vector: "random", seed, direction: randomSigns(g.length, seed) };
  });
  const scales = [...usualScales];
  const total = () => (1 + everyScale.length) * scales.length + more.length;
  const common = basisOf(dataset.manifest, covariance);
  const after = (before: number): Run => ({
    signal: run.signal,
    progress: ({ done, ...told }) => run.progress({ ...told, done: before + done, total: total() }),
  });
  run.progress({ phase: "apply", done: 0, total: total() });
  const choose = (scales: readonly number[], before: number) =>
    sweep(rome, choosing, concept, everyScale.slice(0, 1), { ...common, scales }, after(before));
  const validation = [...(await choose(scales, 0))];
  const end = (longest * report.vector.meanDeltaNorm) / report.vector.norm;
  for (;;) {
    const next = furtherScale(validation, end);
    if (next === undefined) break;
    scales.push(next);
    validation.push(...(await choose([next], validation.length)));
  }
  const scale = bestScale(validation) as number;
  const wide = { ...common, scales, others: others.map(({ name }) => name) };
  const rows = await sweep(rome, judged, concept, everyScale, wide, after(validation.length));
  const done = validation.length + rows.length;
  const further = await sweep(rome, judged, concept, more, { ...common, scales: [scale] }, after(done));
  const judging = within(run, () => ({ phase: "apply", done: total(), total: total() }));
  const failures = await failuresOf(rome, judged, concept, g, scale, common, judging);
  const transfer = [...rows, ...further].map((row) =>
    row.vector === "concept" && row.scale === scale ? { ...row, failures } : row,
  );
  const complete = { ...report, vector: { ...report.vector, scale }, transfer, validation };
  await writeReport(folder, complete);
  return complete;
}

/** @throws RomeError "input" where there is no name outside the data */
export function requireFresh(fresh: ExperimentNames["fresh"]): void {
  if (fresh.length === 0)
    throw new RomeError(
      "input",
      "There are no names outside the data to apply the vector to. Give some with --new-names.",
    );
}

/** Two halves of the new names, each label in its share: one to choose the scale by, and one that is reported. */
export function halvesOf(fresh: ExperimentNames["fresh"], seed: number) {
  const labels = fresh.map(({ label }) => label);
  const { train, test } = stratifiedSplit(labels, 0.5, new Random(seed, "new names"));
  const named = (positions: readonly number[]) => positions.map((position) => fresh[position]?.name ?? "");
  // One name alone cannot be halved: it is asked twice.
  return { choosing: named(train.length > 0 ? train : test), judged: named(test.length > 0 ? test : train) };
}

/**
 * What a vector is written with: the layer, contexts, keys and covariance of the edits that it was found in.
 *
 * @param covariance where it lies, if not where "auto" finds it
 */
export function basisOf(manifest: Manifest, covariance?: CovarianceChoice): ApplyOptions {
  return {
    hyperParameters: { layers: [manifest.layer] },
    contexts: manifest.contexts,
    key: manifest.key,
    covariance: manifest.covarianceTokens > 0 ? covariance : "none",
  };
}

export async function readReport(folder: string): Promise<Report> {
  const text = await readText(join(folder, "report.json")).catch((cause) => {
    throw new RomeError("data", `${folder} has no report yet. Make it with: rome analyze ${shellWord(folder)}`, {
      cause,
    });
  });
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), storedReport), text);
  if (!parsed.success) throw new RomeError("data", `report.json in ${folder} is damaged. Run rome analyze again.`);
  return parsed.output;
}

async function writeReport(folder: string, report: Report): Promise<void> {
  await writeJson(join(folder, "report.json"), report);
  await writeAtomically(join(folder, "report.html"), [Buffer.from(reportHtml(report))]);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeAtomically(path, [Buffer.from(`${JSON.stringify(value)}\n`)]);
}
