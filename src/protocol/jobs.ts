/** Work that a cluster does in shards: what its jobs are, and how far they are. */
import * as v from "valibot";

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The scheduler's numbers of the latest jobs; null where none was submitted, or the scheduler gives none. */
export const jobNumbers = v.object({
  prepare: v.nullable(v.string()),
  array: v.nullable(v.string()),
  merge: v.nullable(v.string()),
});
export type JobNumbers = v.InferOutput<typeof jobNumbers>;

/** Of the job before or behind the array; none: it was not submitted, or it was cancelled. */
const stageState = v.picklist(["done", "running", "waiting", "failed", "none"]);
export type StageState = v.InferOutput<typeof stageState>;

/** A shard, or the prepare or merge job, that ended without having done its part. */
const jobFailure = v.object({
  /** "shard 7", "prepare", "merge". */
  what: v.string(),
  /** In a row, without anything recorded in between. */
  times: whole,
  /** The last error of its log, or else what is known of how it ended. */
  error: v.string(),
  log: v.string(),
});
export type JobFailure = v.InferOutput<typeof jobFailure>;

/** How far the work is. */
export const jobsStatus = v.object({
  shards: v.object({ done: whole, running: whole, failed: whole, waiting: whole }),
  /** The results are whole: the shards joined and, of an experiment, analysed and applied. */
  merged: v.boolean(),
  jobs: jobNumbers,
  states: v.object({ prepare: stageState, merge: stageState }),
  /** What is counted below. */
  unit: v.picklist(["names", "layers", "checks"]),
  names: v.object({ recorded: whole, total: whole }),
  /** Of late, all shards together; null where it is not known yet. */
  namesPerSecond: v.nullable(v.number()),
  secondsLeft: v.nullable(v.number()),
  failures: v.array(jobFailure),
  /** Why jobs wait, in the scheduler's own words, with how many. */
  reasons: v.array(v.object({ reason: v.string(), count: whole })),
});
export type JobsStatus = v.InferOutput<typeof jobsStatus>;

/** What became of handing work over. */
export const submitted = v.object({
  jobs: jobNumbers,
  /** Shards that were handed over now; none where all are recorded or in the queue already. */
  shards: v.array(whole),
  status: jobsStatus,
});
export type Submitted = v.InferOutput<typeof submitted>;

/** Failures in a row, with nothing recorded in between, after which a shard is not submitted again by itself. */
export const failuresAtMost = 3;
