import type { Report } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { analyze } from "./analyze.ts";
import type { Engine } from "./engine.ts";
import { type RecordParams, record } from "./record.ts";
import { type TransferParams, transfer } from "./transfer.ts";

/** The whole experiment: record, analyze, transfer; each goes on where an earlier run stopped. */
export async function experiment(engine: Engine, params: RecordParams & TransferParams, run: Run): Promise<Report> {
  await record(engine, params, run);
  await analyze(engine, params);
  return transfer(engine, params, run);
}
