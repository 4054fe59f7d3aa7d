import type { Report } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { count } from "../../text/numbers.ts";
import { Dataset } from "../experiment/dataset.ts";
import { requireDirections, requireNames } from "../experiment/enough.ts";
import { defaultSeed, usualScales } from "../experiment/experiment.ts";
import { trialSeconds } from "../experiment/trial.ts";
import { note } from "../run/note.ts";
import { analyze } from "./analyze.ts";
import { checkRecording } from "./checkRecording.ts";
import type { Engine } from "./engine.ts";
import { announcing, namesToRecord, type RecordParams, recordAll, recordingOf } from "./record.ts";
import { type TransferParams, transfer, transferNames } from "./transfer.ts";

/**
 * Makes sure, before others are to do it, that an experiment can be made or continued with these parameters.
 *
 * @throws RomeError as `checkRecording` and `transferNames`, and "input" for too few names
 */
export async function checkExperiment(engine: Engine, params: RecordParams & TransferParams): Promise<void> {
  await namesOfExperiment(engine, params);
  await checkRecording(engine, params);
}

/**
 * The whole experiment: record, analyze, transfer; each goes on where an earlier run stopped. What can be refused is
 * refused before hours of recording, and how long all of it takes is told as soon as it is known.
 */
export async function experiment(engine: Engine, params: RecordParams & TransferParams, run: Run): Promise<Report> {
  const { names, tried } = await namesOfExperiment(engine, params);
  note(
    `${count(names.length)} names are recorded, then a classifier learns to tell their edits apart, then its vector is tried ` +
      `on ${count(tried.fresh.length)} new names at ${usualScales.length} lengths or more.`,
  );
  const recording = await recordingOf(engine, params, run);
  const { rome, settings } = recording;
  if (!(await isRecorded(params.folder))) await requireDirections(rome.model, names, settings.concept, run);
  const trial = await trialSeconds(rome, tried, params.seed ?? defaultSeed, settings.concept, settings, run);
  await recordAll(engine, params, recording, announcing(run, trial));
  await analyze(engine, params);
  return transfer(engine, params, run);
}

/** The names that are recorded, and those that the vector is tried on; "input" error for too few. */
async function namesOfExperiment(engine: Engine, params: RecordParams & TransferParams) {
  const tried = await transferNames(engine, params);
  const names = await namesToRecord(engine, params);
  requireNames(names.length);
  return { names, tried };
}

async function isRecorded(folder: string): Promise<boolean> {
  return Dataset.open(folder).then(
    (dataset) => dataset.isFinished(),
    () => false,
  );
}
