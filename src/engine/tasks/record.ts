import { readExperimentNames } from "../concept/names.ts";
import { defaultSeed } from "../experiment/experiment.ts";
import { merge, record as recordNames } from "../experiment/record.ts";
import { runtimeVersions } from "../model/session.ts";
import type { Run } from "../run/run.ts";
import type { Engine } from "./engine.ts";

export interface RecordParams {
  /** Data set to make or continue. */
  readonly folder: string;
  /** CSV of names and labels; left out: the concept's. */
  readonly namesFile?: string;
  /** Decides which names the concept's holdOut keeps back. */
  readonly seed?: number;
  /** Only part `index` (from 1) of `count`. */
  readonly shard?: { readonly index: number; readonly count: number };
}

/** Records Δv for each name into a data set, going on where an earlier call stopped. */
export async function record(
  engine: Engine,
  { folder, namesFile, seed = defaultSeed, shard }: RecordParams,
  { signal, progress }: Run,
): Promise<{ recorded: number; total: number }> {
  const { concept } = engine;
  const { recorded } = await readExperimentNames(concept, seed, { file: namesFile });
  const { rome, name } = await engine.open();
  const { onnxruntime } = runtimeVersions();
  return recordNames(rome, recorded, folder, {
    concept,
    shard,
    modelName: name,
    versions: { onnxruntime },
    signal,
    onProgress: (done, total, last) => progress({ phase: "record", done, total, detail: { names: [...last] } }),
  });
}

/** Joins the parts that were recorded as shards. */
export async function mergeShards(folders: readonly string[], out: string): Promise<{ out: string; parts: number }> {
  await merge(folders, out);
  return { out, parts: folders.length };
}
