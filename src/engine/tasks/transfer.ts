import type { Report } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { type ExperimentNames, readExperimentNames } from "../concept/names.ts";
import { defaultSeed, requireFresh, sweepFolder } from "../experiment/experiment.ts";
import type { Engine } from "./engine.ts";
import type { RecordParams } from "./record.ts";

export interface TransferParams extends Pick<RecordParams, "folder" | "namesFile" | "seed" | "covariance"> {
  /** CSV of names outside the data; left out: the concept's. */
  readonly newNamesFile?: string;
}

/** Applies the vector, its controls and a sweep of scales to new names; the report with `transfer` filled in. */
export async function transfer(engine: Engine, params: TransferParams, run: Run): Promise<Report> {
  const names = await transferNames(engine, params);
  const { folder, covariance } = params;
  return sweepFolder((await engine.open()).rome, folder, names, engine.concept, covariance, run);
}

/** The names that the vector is applied to; "input" error where there is none, or a file that cannot be read. */
export async function transferNames(
  { concept }: Engine,
  { namesFile, newNamesFile, seed = defaultSeed }: Pick<TransferParams, "namesFile" | "newNamesFile" | "seed">,
): Promise<ExperimentNames> {
  const names = await readExperimentNames(concept, seed, { file: namesFile, newNames: newNamesFile });
  requireFresh(names.fresh);
  return names;
}
