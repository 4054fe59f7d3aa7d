import { RomeError } from "../../protocol/errors.ts";
import { failuresAtMost, type Submitted } from "../../protocol/jobs.ts";
import { shellWord } from "../../text/shell.ts";
import { refused, toldBy, wasRefused } from "./failures.ts";
import { logPath } from "./plan.ts";
import type { Queued, Scheduler } from "./scheduler.ts";
import { isPoisoned, isRecorded, preparesFailed, type ShardState, shardStates, type Work } from "./states.ts";
import { type Handover, readHandovers, submitting, writeHandovers } from "./submissions.ts";

export interface Handing {
  readonly folder: string;
  readonly scheduler: Scheduler;
  /** What lies in the folder at the moment of asking. */
  readonly look: () => Promise<Work>;
  /** The job that this process is, if it is one. The merge job asks when something is missing. */
  readonly self?: string;
}

/**
 * Hands to the scheduler what is missing and is not in its queue: the prepare job, an array of the shards, and a merge
 * job behind them. A person's word submits everything that is missing; the merge job leaves out what has failed too often.
 *
 * @returns the numbers of the new jobs and the shards of the new array
 * @throws RomeError "data" where only shards are missing that failed too often; "engine" in the scheduler's words
 */
export function handOver(handing: Handing): Promise<Omit<Submitted, "status">> {
  const { folder, scheduler, look, self } = handing;
  return submitting(folder, async () => {
    const [work, handovers, whole] = await Promise.all([look(), readHandovers(folder), scheduler.queue()]);
    const isMerge = self !== undefined && whole.some(({ job, stage }) => stage === "merge" && job === self);
    const queue = isMerge ? whole.filter(({ job }) => job !== self) : whole;
    const by = isMerge ? "merge" : "person";
    if (isMerge && handovers.at(-1)?.cancelled) throw new RomeError("cancelled", "Cancelled.");
    const shards = await missingShards(folder, work, handovers, queue, by);
    const entry: Handover = {
      at: new Date().toISOString(),
      by,
      jobs: { prepare: null, array: null, merge: null },
      shards: shards.map(({ shard, kept }) => ({ shard, kept })),
    };
    if (work.merged || (isMerge && isRecorded(work))) return { jobs: entry.jobs, shards: [] };
    try {
      await submitAll(handing, work, queue, entry, () => writeHandovers(folder, [...handovers, entry]));
    } catch (error) {
      // Half of it would run and then wait for nothing.
      await scheduler.cancel(Object.values(entry.jobs).filter((job) => job !== null)).catch(() => undefined);
      await writeHandovers(folder, handovers);
      throw error;
    }
    return { jobs: entry.jobs, shards: entry.shards.map(({ shard }) => shard) };
  });
}

/** Submits what `entry` is of, and writes the jobs' numbers into it, each kept as soon as it is known. */
async function submitAll(
  { scheduler, look }: Handing,
  work: Work,
  queue: readonly Queued[],
  entry: Handover,
  keep: () => Promise<void>,
): Promise<void> {
  const shards = entry.shards.map(({ shard }) => shard);
  await keep();
  if (!work.prepared && !queue.some(({ stage }) => stage === "prepare")) {
    entry.jobs.prepare = await scheduler.submit({ stage: "prepare" });
    await keep();
  }
  const known = (stage: Queued["stage"], fresh: string | null) => [
    ...new Set([...queue.filter((each) => each.stage === stage).map(({ job }) => job), ...(fresh ? [fresh] : [])]),
  ];
  const after = (jobs: readonly string[], ended: "ok" | "any") => (jobs.length > 0 ? { after: { jobs, ended } } : {});
  if (shards.length > 0) {
    const prepares = known("prepare", entry.jobs.prepare);
    entry.jobs.array = await scheduler.submit({ stage: "shard", shards, ...after(prepares, "ok") });
    await keep();
  }
  if (shards.length === 0 && queue.some(({ stage }) => stage === "merge")) return;
  if (!scheduler.hasDependencies && !isRecorded(await look())) return;
  entry.jobs.merge = await scheduler.submit({ stage: "merge", ...after(known("shard", entry.jobs.array), "any") });
  await keep();
}

async function missingShards(
  folder: string,
  work: Work,
  handovers: readonly Handover[],
  queue: readonly Queued[],
  by: Handover["by"],
): Promise<ShardState[]> {
  const queued = new Set(queue.filter(({ isDoubtful }) => !isDoubtful).map(({ shard }) => shard));
  const missing = shardStates(work, handovers, queue).filter(
    ({ state, shard }) => state !== "done" && !queued.has(shard),
  );
  if (by === "person") return missing;
  const prepares = preparesFailed(work, handovers, queue);
  const ofPrepare = logPath(folder, "prepare");
  if (prepares >= failuresAtMost || (prepares > 0 && (await wasRefused(ofPrepare))))
    throw await gaveUp(folder, `Preparing failed ${times(prepares)}`, ofPrepare);
  const hopeless = await refused(folder, missing);
  const isLeft = (state: ShardState) => isPoisoned(state) || hopeless.has(state.shard);
  const rest = missing.filter((state) => !isLeft(state));
  const left = missing.find(isLeft);
  if (!left || rest.length > 0 || queue.some(({ stage }) => stage === "shard")) return rest;
  const { shard, failures } = left;
  const what = `${missing.length} of ${work.shards.length} shards are missing; shard ${shard} failed ${times(failures)}`;
  throw await gaveUp(folder, what, logPath(folder, "shard", shard));
}

async function gaveUp(folder: string, what: string, log: string): Promise<RomeError> {
  const error = await toldBy(log);
  return new RomeError(
    "data",
    `${what} (${log}: ${error || "nothing is written there"}). Mend the cause, then: rome jobs resume ${shellWord(folder)}`,
  );
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
