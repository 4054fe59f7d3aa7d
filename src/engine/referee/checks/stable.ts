import { keyVariants } from "../../../protocol/editEntry.ts";
import { say } from "../../../protocol/phrase.ts";
import type { PhrasedFigure } from "../../../protocol/phrasedCard.ts";
import type { Run } from "../../../protocol/run.ts";
import type { ApplyOptions } from "../../experiment/apply.ts";
import { shareEstimate } from "../../numerics/intervals.ts";
import { Random } from "../../numerics/random.ts";
import { cosine, rowAt, takeRows } from "../../numerics/rows.ts";
import { stratifiedSplit } from "../../numerics/split.ts";
import { mean } from "../../numerics/statistics.ts";
import { dot } from "../../numerics/vectors.ts";
import { sampleContexts } from "../../rome/contexts.ts";
import { constructed } from "../constructions.ts";
import type { Evidence } from "../evidence.ts";
import { learnSign } from "../learn.ts";
import { limits } from "../limits.ts";
import { changed, hitsOf, stayed, worst } from "../rates.ts";
import { recordDeltas, sampleOf, turning } from "../recordings.ts";
import type { Push, Side } from "../scene.ts";
import type { RefereeCheck, Trial } from "../trial.ts";
import { atLeast, beside, checked, figure } from "../verdict.ts";
import { withoutDirection } from "./notTheWord.ts";

const { halves, otherContexts } = limits.stable;

/** 6. Would other data or contexts have given the same? And other layers, other keys? */
export const stable: RefereeCheck = {
  id: "stable",
  procedure: 3,
  work: ({ judged, settings }) => ({ asked: judged.taking.length * 24, solved: 3 * settings.records }),
  run: async (evidence, trial, run) =>
    checked({
      id: "stable",
      claim: say`It does not hang on one draw: other halves of the data and other contexts give the same.`,
      threshold: say`by the vector of either half at least ${halves} are turned and stay, by that of other contexts at least ${otherContexts}`,
      figures: [
        ...(await ofHalves(evidence, trial, run)),
        ...(await ofOtherContexts(evidence, trial, run)),
        ...(await ofOtherLayers(evidence, trial, run)),
        ...(await ofOtherKeys(evidence, trial, run)),
        ...(await orthogonal(evidence, trial, run)),
      ],
      notes: [say`Other layers and other keys decide nothing: what one layer holds need not lie in the next one.`],
    }),
};

async function ofHalves(
  { taught, report, judged, random }: Evidence,
  { length }: Trial,
  run: Run,
): Promise<PhrasedFigure[]> {
  const draw = random("split halves");
  const { train, test } = stratifiedSplit(taught.labels, 0.5, draw);
  const C = report.classifier.regularization;
  const pushes = [train, test].map((rows) =>
    learnSign(
      takeRows(taught.deltas, rows),
      rows.map((row) => taught.labels[row] as number),
      C,
    ),
  ) as [Push, Push];
  const figures = [
    figure(say`cosine between the vectors of two halves`, {
      value: dot(pushes[0].plus, pushes[1].plus),
      unit: "number",
    }),
  ];
  for (const [i, push] of pushes.entries()) {
    const hits = await hitsOf(judged, push, length, run);
    figures.push(
      figure(say`turned by the vector of half ${i + 1}`, shareEstimate(changed(hits)), atLeast(halves)),
      figure(say`stay under the vector of half ${i + 1}`, shareEstimate(stayed(hits)), atLeast(halves)),
    );
  }
  return figures;
}

/** The same names recorded again with contexts of another seed; beside it, what so few names give with the usual ones. */
async function ofOtherContexts(evidence: Evidence, { length, push }: Trial, run: Run): Promise<PhrasedFigure[]> {
  const { rome, manifest, judged, seed } = evidence;
  if (manifest.contexts.length < 2) return [];
  const draw = new Random(seed, "referee contexts");
  const lengths = rome.hyperParameters.context_template_length_params;
  const wanted = manifest.contexts.length - 1;
  const shares = lengths.map(([tokens], i) => {
    const part = Math.floor((wanted * (i + 1)) / lengths.length) - Math.floor((wanted * i) / lengths.length);
    return [tokens, part] as const;
  });
  const contexts = await sampleContexts(rome.model, shares, draw.uniform, run);
  const again = await recordedAgain(evidence, { contexts }, run);
  const hits = await hitsOf(judged, again.push, length, run);
  return [
    figure(say`cosine of a name's Δv with other contexts to its own, mean`, {
      value: mean(again.rows.map((row, i) => cosine(rowAt(again.deltas, i), rowAt(evidence.deltas, row)))),
      unit: "number",
    }),
    figure(say`cosine to the vector of other contexts`, { value: dot(push.plus, again.push.plus), unit: "number" }),
    figure(say`turned by the vector of other contexts`, shareEstimate(changed(hits)), atLeast(otherContexts)),
    figure(say`stay under the vector of other contexts`, shareEstimate(stayed(hits)), atLeast(otherContexts)),
  ];
}

/** Found at the layers beside this one, and used there. */
async function ofOtherLayers(evidence: Evidence, { length }: Trial, run: Run): Promise<PhrasedFigure[]> {
  const { manifest, rome, judged } = evidence;
  const figures: PhrasedFigure[] = [];
  for (const layer of [manifest.layer - 1, manifest.layer + 1]) {
    if (layer < 0 || layer >= rome.model.size.layers) continue;
    const elsewhere: ApplyOptions = { hyperParameters: { layers: [layer] }, covariance: "none" };
    const { push } = await recordedAgain(evidence, elsewhere, run);
    const positions = judged.taking;
    const names = positions.map((i) => judged.subjects.names[i] as string);
    const groups = positions.map((i) => judged.groups[i] as Side);
    const scene = await evidence.scene(names, { ...elsewhere, groups }, run);
    const hits = await hitsOf(scene, push, length, run);
    figures.push(beside(figure(say`turned by a vector of layer ${layer}, used there`, shareEstimate(changed(hits)))));
  }
  return figures;
}

async function ofOtherKeys(evidence: Evidence, { push, length }: Trial, run: Run): Promise<PhrasedFigure[]> {
  const { judged, manifest } = evidence;
  const figures: PhrasedFigure[] = [];
  for (const key of keyVariants) {
    const scene = await evidence.scene(judged.subjects.names, { contexts: manifest.contexts, key }, run);
    const hits = await hitsOf(scene, push, length, run);
    figures.push(figure(say`worst rate, written with ${key} keys over all contexts`, worst(hits)));
  }
  return figures;
}

/** What remains of the vector when the difference of the means is taken out. */
async function orthogonal(evidence: Evidence, { push, length }: Trial, run: Run): Promise<PhrasedFigure[]> {
  const means = constructed("meanDifference", evidence.taught).plus;
  const hits = await hitsOf(evidence.judged, withoutDirection(push, means), length, run);
  return [
    figure(say`cosine to the difference of the means`, { value: dot(push.plus, means), unit: "number" }),
    figure(say`turned by its part orthogonal to the means`, shareEstimate(changed(hits))),
  ];
}

/** Some of the names, recorded with these options, and their vector. */
async function recordedAgain(evidence: Evidence, options: ApplyOptions, run: Run) {
  const rows = sampleOf(evidence, "recorded again");
  const deltas = await recordDeltas(evidence, turning(evidence, rows), options, run);
  const labels = rows.map((row) => evidence.labels[row] as number);
  return { rows, deltas, push: learnSign(deltas, labels, evidence.report.classifier.regularization) };
}
