import type { Report } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { analyze } from "./analyze.ts";
import { checkRecording } from "./checkRecording.ts";
import type { Engine } from "./engine.ts";
import { type RecordParams, record } from "./record.ts";
import { type TransferParams, transfer, transferNames } from "./transfer.ts";

/**
 * Makes sure, before others are to do it, that an experiment can be made or continued with these parameters.
 *
 * @throws RomeError as `checkRecording` and `transferNames`
 */
export async function checkExperiment(engine: Engine, params: RecordParams & TransferParams): Promise<void> {
  await transferNames(engine, params);
  await checkRecording(engine, params);
}

/** The whole experiment: record, analyze, transfer; each goes on where an earlier run stopped. */
export async function experiment(engine: Engine, params: RecordParams & TransferParams, run: Run): Promise<Report> {
  // Hours before they are needed.
  await transferNames(engine, params);
  await record(engine, params, run);
  await analyze(engine, params);
  return transfer(engine, params, run);
}
