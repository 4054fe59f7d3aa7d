import { join } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { ConstructionName } from "../../protocol/referee.ts";
import type { EditRecord, Report } from "../../protocol/results.ts";
import { shellWord } from "../../text/shell.ts";
import { readSafetensors, writeSafetensors } from "../checkpoint/tensorFile.ts";
import { Dataset } from "../experiment/dataset.ts";
import { readReport } from "../experiment/experiment.ts";
import { readClassifier } from "../experiment/scorer.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { Random } from "../numerics/random.ts";
import { rowsOf, takeRows } from "../numerics/rows.ts";
import { both, constructed, recordedConstructions, type Taught } from "./constructions.ts";
import type { Push } from "./scene.ts";

/** Positions of the training part among the recorded edits, and for each edit 1 where it goes from the first label. */
export function partsOf(records: readonly EditRecord[], { points }: Report, firstLabel: string) {
  const inTrain = new Set(points.filter(({ split }) => split === "train").map(({ name }) => name));
  const labels = records.map(({ from }) => (from === firstLabel ? 1 : 0));
  return { labels, train: [...labels.keys()].filter((row) => inTrain.has(records[row]?.name ?? "")) };
}

/** Of unit length, as the referee compares them, by name; those that have to be solved lie where it kept them. */
export async function comparedVector(folder: string, width: number, name: ConstructionName): Promise<Push> {
  const recorded = recordedConstructions.find((known) => known === name);
  return recorded ? constructed(recorded, await readTaught(folder, width)) : readSolved(folder, name, width);
}

async function readTaught(folder: string, width: number): Promise<Taught> {
  const { manifest, ...dataset } = await openWhole(folder);
  const report = await readReport(folder);
  const { labels, train } = partsOf(dataset.records, report, manifest.targets[0].label);
  return {
    deltas: takeRows(rowsOf(dataset.delta, width), train),
    labels: train.map((row) => labels[row] as number),
    weights: (await readClassifier(folder, width)).weights,
    random: new Random(report.seed, "referee vectors"),
  };
}

async function openWhole(folder: string) {
  const dataset = await Dataset.open(folder);
  return { manifest: dataset.manifest, ...(await dataset.read()) };
}

const fileOf = (folder: string, name: string) => join(folder, "referee", `${name}.safetensors`);

/** Keeps a vector that was solved beside the data set, for whoever wants to use it: the tensor `vector` [d]. */
export async function keepSolved(folder: string, name: ConstructionName, { plus }: Push): Promise<void> {
  await makeFolder(join(folder, "referee"));
  await writeSafetensors(fileOf(folder, name), { vector: { shape: [plus.length], data: plus } });
}

async function readSolved(folder: string, name: ConstructionName, width: number): Promise<Push> {
  const file = await readSafetensors(fileOf(folder, name)).catch(() => undefined);
  const vector = file?.tensors.get("vector")?.data;
  if (vector?.length !== width)
    throw new RomeError(
      "data",
      `The vector ${name} of ${folder} has not been solved yet. Solve it with: rome referee ${shellWord(folder)}`,
    );
  return both(vector);
}
