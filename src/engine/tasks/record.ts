import type { EditBasis } from "../../protocol/editOptions.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { duration } from "../../text/amounts.ts";
import { count } from "../../text/numbers.ts";
import { type NameRow, readExperimentNames } from "../concept/names.ts";
import { Dataset } from "../experiment/dataset.ts";
import { defaultSeed } from "../experiment/experiment.ts";
import {
  merge,
  prepareRecording as prepareNames,
  type RecordOptions,
  record as recordNames,
} from "../experiment/record.ts";
import type { Shard } from "../files/shard.ts";
import { Random } from "../numerics/random.ts";
import { stratifiedOrder } from "../numerics/split.ts";
import { note } from "../run/note.ts";
import { runtimeVersions } from "../runtime/onnxruntime.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { recorders } from "./recorders.ts";
import { editOptionsOf } from "./request.ts";

export interface RecordParams extends EditBasis {
  /** Data set to make or continue. */
  readonly folder: string;
  /** CSV of names and labels; left out: the concept's. */
  readonly namesFile?: string;
  /** Decides which names the concept's holdOut keeps back. */
  readonly seed?: number;
  /** So many names, each label in its share of the file; left out: all. */
  readonly count?: number;
  /** Only this part of it. */
  readonly shard?: Shard;
}

/** Records Δv for each name into a data set, going on where an earlier call stopped. */
export async function record(
  engine: Engine,
  params: RecordParams,
  run: Run,
): Promise<{ recorded: number; total: number }> {
  return recordAll(engine, params, await recordingOf(engine, params, run), announcing(run));
}

/** The same of what `recordingOf` gave. */
export function recordAll(
  engine: Engine,
  params: RecordParams,
  { rome, names, settings }: Recording,
  run: Run,
): Promise<{ recorded: number; total: number }> {
  const elsewhere = params.shard ? undefined : recorders(engine, params, rome, settings.concept, names);
  return recordNames(rome, names, params.folder, { ...settings, elsewhere }, run);
}

/** What takes less is not announced. */
const longSeconds = 60;

/**
 * The same run; once the first batch is done, the user is told how long the rest takes, and each step tells it from then
 * on, a trial behind it included.
 *
 * @param trial seconds that the vector's trial takes afterwards, where the request goes on with it
 */
export function announcing(run: Run, trial?: number, tell: (text: string) => void = note): Run {
  let left: number | undefined;
  return {
    signal: run.signal,
    progress: (progress) => {
      const { phase, done, total, detail } = progress;
      const seconds = done === total ? 0 : (detail?.secondsLeft ?? left);
      if (phase !== "record" || seconds === undefined) return run.progress(progress);
      const all = seconds + (trial ?? 0);
      if (left === undefined && all > longSeconds) tell(timeText(total - done, seconds, trial));
      left = seconds;
      run.progress({ ...progress, detail: { ...detail, secondsLeft: all } });
    },
  };
}

/** How long recording so many names takes, and the trial of their vector. */
function timeText(names: number, seconds: number, trial?: number): string {
  if (trial === undefined)
    return `Recording the other ${count(names)} names takes about ${duration(seconds)} on this machine, by the first batch.`;
  if (names === 0) return `Trying the vector takes about ${duration(trial)} on this machine, by a first sample.`;
  return (
    `Recording the other ${count(names)} names takes about ${duration(seconds)} on this machine, by the first batch, ` +
    `and trying the vector about ${duration(trial)}: about ${duration(seconds + trial)} in all.`
  );
}

/** Makes what every shard of a recording rests on, and records nothing yet. */
export async function prepareRecording(engine: Engine, params: RecordParams, run: Run): Promise<{ names: number }> {
  const { rome, names, settings } = await recordingOf(engine, params, run);
  await prepareNames(rome, names, params.folder, settings, run);
  return { names: names.length };
}

/** The open model, the names and the settings of a recording. */
type Recording = Awaited<ReturnType<typeof recordingOf>>;

/** @param measuring false: which forms the model writes is not measured now */
export async function recordingOf(
  engine: Engine,
  params: RecordParams,
  run: Run,
  { measuring = true }: { readonly measuring?: boolean } = {},
) {
  const { folder, shard } = params;
  await Dataset.requirePlace(folder);
  const names = await namesToRecord(engine, params);
  const { rome, name } = await engine.open();
  const concept = await aimed(engine, engine.concept, params.forms, run, { measuring });
  const { onnxruntime } = runtimeVersions();
  const settings: RecordOptions = {
    ...editOptionsOf(params),
    concept,
    shard,
    modelName: name,
    versions: { onnxruntime },
  };
  return { rome, names, settings };
}

/** The names of a recording: all of the file's, or a sample of so many. */
export async function namesToRecord(
  { concept }: Engine,
  { namesFile, seed = defaultSeed, count: wanted }: Pick<RecordParams, "namesFile" | "seed" | "count">,
): Promise<NameRow[]> {
  const { recorded } = await readExperimentNames(concept, seed, { file: namesFile });
  return wanted === undefined ? recorded : sampleOf(recorded, wanted, seed);
}

/** So many of the rows, each label in its share of the whole, in the order of the file; the same seed, the same names. */
function sampleOf(rows: readonly NameRow[], wanted: number, seed: number): NameRow[] {
  if (wanted > rows.length)
    throw new RomeError(
      "input",
      `There are ${count(rows.length)} names to record, fewer than the ${count(wanted)} asked for. Ask for fewer, or name a larger file.`,
    );
  const order = stratifiedOrder(
    rows.map(({ label }) => label),
    new Random(seed, "recorded sample"),
  );
  const chosen = order.slice(0, wanted).sort((a, b) => a - b);
  return chosen.map((position) => rows[position] as NameRow);
}

/** Joins the parts that were recorded as shards. */
export async function mergeShards(folders: readonly string[], out: string): Promise<{ out: string; parts: number }> {
  await merge(folders, out);
  return { out, parts: folders.length };
}
