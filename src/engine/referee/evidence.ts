import type { Concept } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Report } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import type { ExperimentNames } from "../concept/names.ts";
import { type ApplyOptions, nameItself, type Place } from "../experiment/apply.ts";
import { Dataset } from "../experiment/dataset.ts";
import { basisOf, readReport } from "../experiment/experiment.ts";
import { type Manifest, requireModel } from "../experiment/manifest.ts";
import { readClassifier } from "../experiment/scorer.ts";
import { Random } from "../numerics/random.ts";
import { type Rows, rowsOf, takeRows } from "../numerics/rows.ts";
import { stratifiedOrder, stratifiedSplit } from "../numerics/split.ts";
import type { Rome } from "../rome/rome.ts";
import type { Taught } from "./constructions.ts";
import { Scene, type SceneOptions, type Side } from "./scene.ts";
import type { RefereeSettings } from "./settings.ts";
import { partsOf } from "./taught.ts";
import type { RefereeWords } from "./words.ts";

/** All that the checks rest on. */
export interface Evidence {
  readonly rome: Rome;
  readonly concept: Concept;
  readonly words: RefereeWords;
  readonly settings: RefereeSettings;
  readonly seed: number;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly report: Report;
  readonly place: Place;
  /** What vectors are written with: the recording's layer; keys of the bare prompt, so that δ stands at the name alone. */
  readonly writing: ApplyOptions;
  /** What further edits are recorded with. */
  readonly recording: ApplyOptions;
  /** The recorded edits. */
  readonly names: readonly string[];
  /** 1: from the first label to the second [n]. */
  readonly labels: readonly number[];
  readonly deltas: Rows;
  /** Positions of the training part and of the rest. */
  readonly train: readonly number[];
  readonly test: readonly number[];
  readonly taught: Taught;
  /** New names: a half that chooses lengths, and one that is reported. */
  readonly validation: Scene;
  readonly judged: Scene;
  /** All new names, in the order of their file. */
  readonly fresh: readonly string[];
  /** Names of further labels, in either file. */
  readonly others: readonly string[];
  /** A stream of random numbers under the seed. */
  random(stream: string): Random;
  /** Any other prompt or names, with the same way of writing. */
  scene(names: readonly string[], asked: ApplyOptions & SceneOptions, run: Run): Promise<Scene>;
}

export interface EvidenceOptions {
  readonly folder: string;
  readonly names: Pick<ExperimentNames, "fresh" | "others">;
  readonly words: RefereeWords;
  readonly settings: RefereeSettings;
  readonly seed: number;
  readonly covariance?: ApplyOptions["covariance"];
  /** Where vectors are written, if not at the name's last token. */
  readonly place?: Place;
  /** The layer where they are written, if not the recording's. */
  readonly layer?: number;
}

/** Fewest new names of either group that the referee takes. */
const fewest = 4;

/** @throws RomeError "data" for a folder without an analysed data set of the open model, "input" for too few new names */
export async function gather(rome: Rome, concept: Concept, options: EvidenceOptions, run: Run): Promise<Evidence> {
  const { folder, names, words, settings, seed, covariance, place = nameItself, layer } = options;
  const { manifest, rows, report, weights } = await openData(folder, rome);
  const ofData = report.concept.labels.join(" and ");
  if (ofData !== labelsOf(concept).join(" and "))
    throw new RomeError(
      "input",
      `The data set ${folder} is about ${ofData}, the concept about ${labelsOf(concept).join(" and ")}. Give the concept file that it was recorded with (--concept).`,
    );
  const deltas = rowsOf(rows.delta, rome.model.size.width);
  const { labels, train } = partsOf(rows.records, report, concept.targets[0].label);
  const inTrain = new Set(train);
  const random = (stream: string) => new Random(seed, `referee ${stream}`);
  const recording = basisOf(manifest, covariance);
  const writing: ApplyOptions = {
    ...recording,
    contexts: "none",
    hyperParameters: { layers: [layer ?? manifest.layer] },
    ...(layer === undefined ? {} : { covariance: "none" }),
  };
  const scene: Evidence["scene"] = (listed, asked, part) =>
    Scene.of(rome, listed, concept, { ...writing, place, ...asked }, part);
  const { validation, judged } = await halves(names.fresh, settings, random("halves"), (listed) =>
    scene(listed, {}, run),
  );
  return {
    rome,
    concept,
    words,
    settings,
    seed,
    folder,
    manifest,
    report,
    place,
    writing,
    recording,
    names: rows.records.map(({ name }) => name),
    labels,
    deltas,
    train,
    test: [...labels.keys()].filter((row) => !inTrain.has(row)),
    taught: {
      deltas: takeRows(deltas, train),
      labels: train.map((row) => labels[row] as number),
      weights,
      random: random("vectors"),
    },
    validation,
    judged,
    fresh: names.fresh.map(({ name }) => name),
    others: names.others.map(({ name }) => name).slice(0, settings.others),
    random,
    scene,
  };
}

/** What lies in an analysed data set; "data" error where it is none of the open model's. */
export async function openData(folder: string, rome: Rome) {
  const dataset = await Dataset.open(folder);
  const { fingerprint } = rome.model.checkpoint;
  requireModel(folder, dataset.manifest, { name: "the open model", fingerprint });
  const rows = await dataset.read();
  const report = await readReport(folder);
  const { weights } = await readClassifier(folder, rome.model.size.width);
  return { manifest: dataset.manifest, rows, report, weights };
}

/** Two scenes of as many new names as are wanted, each label in its share, disjoint. */
async function halves(
  fresh: ExperimentNames["fresh"],
  { names }: RefereeSettings,
  random: Random,
  sceneOf: (names: readonly string[]) => Promise<Scene>,
) {
  const given = fresh.map(({ label }) => label);
  const chosen = stratifiedOrder(given, random).slice(0, 2 * names);
  const { train, test } = stratifiedSplit(
    chosen.map((row) => given[row] as string),
    0.5,
    random,
  );
  const listed = (positions: readonly number[]) => positions.map((place) => fresh[chosen[place] as number]?.name ?? "");
  const [validation, judged] = [await sceneOf(listed(train)), await sceneOf(listed(test))];
  const has = (scene: Scene, side: Side) => scene.groups.filter((group) => group === side).length;
  for (const scene of [validation, judged])
    for (const side of [0, 1] as const)
      if (has(scene, side) < fewest)
        throw new RomeError(
          "input",
          `Of ${fresh.length} new names that are not among the recorded ones, the model gives too few the label ${scene.subjects.concept.targets[side].label}: at least ${fewest} are needed in each half. Give more with --new-names.`,
        );
  return { validation, judged };
}
