import { failuresAtMost, type JobNumbers, type StageState } from "../../protocol/jobs.ts";
import type { Queued } from "./scheduler.ts";
import type { Handover } from "./submissions.ts";

/** What lies in the folder of results, which alone decides what is done. */
export interface Work {
  /** What every shard rests on has been made. */
  readonly prepared: boolean;
  /** Of each shard, the first first: the batches that are there, and all that it is to record. */
  readonly shards: readonly { readonly kept: number; readonly wanted: number }[];
  /** The results are whole. */
  readonly merged: boolean;
}

/** Nothing is left for shards to do. */
export function isRecorded({ prepared, shards }: Work): boolean {
  return prepared && shards.every(({ kept, wanted }) => kept >= wanted);
}

export interface ShardState {
  /** From 1. */
  readonly shard: number;
  readonly kept: number;
  readonly state: "done" | "running" | "failed" | "waiting";
  /** Attempts that ended without recording anything more, since a person last submitted it. */
  readonly failures: number;
}

/** Handovers since a person's last one, that one included: failures before it are forgiven. */
function counted(handovers: readonly Handover[]): readonly Handover[] {
  const last = handovers.findLastIndex(({ by }) => by === "person");
  return handovers.slice(Math.max(0, last)).filter(({ cancelled }) => !cancelled);
}

/** How each shard stands: by what it has recorded, by the queue, and by how often it was handed over. */
export function shardStates(work: Work, handovers: readonly Handover[], queue: readonly Queued[]): ShardState[] {
  const queued = new Map(queue.flatMap((each) => (each.shard === undefined ? [] : [[each.shard, each] as const])));
  // Without what it rests on no shard has started.
  const attempts = work.prepared ? counted(handovers).flatMap(({ shards }) => shards) : [];
  return work.shards.map(({ kept, wanted }, index) => {
    const shard = index + 1;
    const mine = attempts.filter((attempt) => attempt.shard === shard);
    const waiting = queued.get(shard);
    const ended = mine.slice(0, waiting ? -1 : undefined);
    const failures = ended.filter((attempt) => attempt.kept === kept).length;
    const isDone = work.prepared && kept >= wanted;
    const state = isDone ? "done" : (waiting?.state ?? (mine.length > 0 ? "failed" : "waiting"));
    return { shard, kept, state, failures };
  });
}

/** A shard that is not to be submitted again by itself. */
export function isPoisoned({ state, failures }: ShardState): boolean {
  return state === "failed" && failures >= failuresAtMost;
}

/** How often the prepare job was handed over and did not do its part, since a person last submitted it. */
export function preparesFailed({ prepared }: Work, handovers: readonly Handover[], queue: readonly Queued[]): number {
  const isQueued = queue.some(({ stage }) => stage === "prepare");
  const tried = counted(handovers).filter(({ jobs }) => jobs.prepare !== null).length;
  return prepared ? 0 : Math.max(0, tried - (isQueued ? 1 : 0));
}

/** How the job before or behind the array stands. */
export function stageState(
  stage: "prepare" | "merge",
  { prepared, merged }: Work,
  handovers: readonly Handover[],
  queue: readonly Queued[],
): StageState {
  if (stage === "prepare" ? prepared : merged) return "done";
  const queued = queue.find((each) => each.stage === stage);
  if (queued) return queued.state;
  const latest = handovers.findLast(({ jobs }) => jobs[stage] !== null);
  return latest && !latest.cancelled ? "failed" : "none";
}

/** The latest number of each job. */
export function latestJobs(handovers: readonly Handover[]): JobNumbers {
  const latest = (stage: keyof JobNumbers) => handovers.findLast(({ jobs }) => jobs[stage] !== null)?.jobs[stage];
  return { prepare: latest("prepare") ?? null, array: latest("array") ?? null, merge: latest("merge") ?? null };
}
