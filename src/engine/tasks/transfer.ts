import type { Report } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { readExperimentNames } from "../concept/names.ts";
import { defaultSeed, sweepFolder } from "../experiment/experiment.ts";
import type { Engine } from "./engine.ts";
import type { RecordParams } from "./record.ts";

export interface TransferParams extends Pick<RecordParams, "folder" | "namesFile" | "seed" | "covariance"> {
  /** CSV of names outside the data; left out: the concept's. */
  readonly newNamesFile?: string;
}

/** Applies the vector, its controls and a sweep of scales to new names; the report with `transfer` filled in. */
export async function transfer(
  engine: Engine,
  { folder, namesFile, newNamesFile, seed = defaultSeed, covariance }: TransferParams,
  run: Run,
): Promise<Report> {
  const { concept } = engine;
  const names = await readExperimentNames(concept, seed, { file: namesFile, newNames: newNamesFile });
  return sweepFolder((await engine.open()).rome, folder, names, concept, covariance, run);
}
