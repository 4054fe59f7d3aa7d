import { statfs } from "node:fs/promises";
import { constants } from "node:os";
import type { JobFailure } from "../../protocol/jobs.ts";
import { byteCount } from "../../text/amounts.ts";
import { readLog } from "./logs.ts";
import { jobsFolder, logPath } from "./plan.ts";
import type { Queued, Scheduler } from "./scheduler.ts";
import { isRecorded, preparesFailed, type ShardState, shardStates, stageState, type Work } from "./states.ts";
import type { Handover } from "./submissions.ts";

/** The command line's, of wrong usage: another try would end the same way. */
const usageExit = 2;
/** A disk with less room than that is full: no batch fits. */
const fullBelow = 2 ** 20;

/** What ended without having done its part, with the last error of its log or what else is known of its end. */
export async function failuresOf(
  folder: string,
  scheduler: Scheduler,
  work: Work,
  handovers: readonly Handover[],
  queue: readonly Queued[],
): Promise<JobFailure[]> {
  const failed = shardStates(work, handovers, queue).filter(({ state }) => state === "failed");
  const prepares = preparesFailed(work, handovers, queue);
  const hasMergeFailed = isRecorded(work) && stageState("merge", work, handovers, queue) === "failed";
  const job = (stage: "prepare" | "array" | "merge", has: (handover: Handover) => boolean = () => true) =>
    handovers.findLast((handover) => handover.jobs[stage] !== null && has(handover))?.jobs[stage] ?? "";
  const found = [
    ...(prepares > 0
      ? [{ what: "prepare", times: prepares, log: logPath(folder, "prepare"), id: job("prepare") }]
      : []),
    ...failed.map(({ shard, failures: times }) => ({
      what: `shard ${shard}`,
      times,
      log: logPath(folder, "shard", shard),
      id: `${job("array", ({ shards }) => shards.some((each) => each.shard === shard))}_${shard}`,
    })),
    ...(hasMergeFailed ? [{ what: "merge", times: 1, log: logPath(folder, "merge"), id: job("merge") }] : []),
  ];
  const told = await Promise.all(found.map(async (each) => ({ ...each, error: await toldBy(each.log) })));
  const silent = told.filter(({ error }) => error === "").map(({ id }) => id.split("_")[0] as string);
  const [endings, disk] =
    silent.length > 0 ? await Promise.all([scheduler.endings([...new Set(silent)]), diskFull(folder)]) : [];
  return told.map(({ what, times, log, id, error }) => {
    const known = [disk, endings?.get(id) && `the scheduler says ${endings.get(id)}`].filter(Boolean).join("; ");
    const killed = "it was killed before it could write why: by the node, the scheduler or for memory";
    return { what, times, log, error: error || known || killed };
  });
}

/** What the log says, or its exit code; empty where it says neither. */
export async function toldBy(path: string): Promise<string> {
  const log = await readLog(path);
  if (!log) return "";
  const { error, last, exitCode } = log;
  if (error || exitCode === undefined) return error;
  if (exitCode === 0) return "it ended well, but what it made is missing or damaged now";
  const signal = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  const why = signal === "SIGKILL" ? ", as a node does that runs out of memory" : "";
  return signal ? `killed by ${signal}${why}` : `exit code ${exitCode}${last && `: ${last}`}`;
}

/** The words for it where the disk of a folder has no room left. */
async function diskFull(folder: string): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(jobsFolder(folder));
  const free = bavail * bsize;
  return free < fullBelow
    ? `the disk of ${folder} is full (${byteCount(free)} free), so that its log is, too`
    : undefined;
}

/** Of these shards the ones whose last attempt was refused as wrong usage: they would be refused again. */
export async function refused(folder: string, shards: readonly ShardState[]): Promise<ReadonlySet<number>> {
  const failed = shards.filter(({ state }) => state === "failed").map(({ shard }) => shard);
  const found = await Promise.all(failed.map(async (shard) => wasRefused(logPath(folder, "shard", shard))));
  return new Set(failed.filter((_, i) => found[i]));
}

/** Whether the last attempt of a job was refused as wrong usage. */
export async function wasRefused(log: string): Promise<boolean> {
  return (await readLog(log))?.exitCode === usageExit;
}
