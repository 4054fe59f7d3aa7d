import { resolve } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { JobsStatus, Submitted } from "../../protocol/jobs.ts";
import { shellWord } from "../../text/shell.ts";
import { Command } from "../jobs/command.ts";
import { failuresOf } from "../jobs/failures.ts";
import { isPlanned, type Plan, readPlan, writePlan } from "../jobs/plan.ts";
import type { Scheduler } from "../jobs/scheduler.ts";
import { writeScripts } from "../jobs/scripts.ts";
import { Slurm } from "../jobs/slurm.ts";
import { latestJobs, shardStates, stageState } from "../jobs/states.ts";
import { readHandovers, submitting, writeHandovers } from "../jobs/submissions.ts";
import { handOver } from "../jobs/submit.ts";
import { lookAt, paceOf, requirePlace } from "./jobWork.ts";

export type { Plan } from "../jobs/plan.ts";

/**
 * Writes the plan and the scripts of a work in shards into its folder and submits what is missing of it. The same
 * call again submits only what is missing then.
 *
 * @param check throws what the work itself would throw at its start
 * @throws RomeError "data" where the folder's jobs were planned otherwise, or are being submitted; "input" for a
 * template or a command that cannot be used; "engine" in the scheduler's words
 */
export async function submitJobs(folder: string, plan: Plan, check?: () => Promise<void>): Promise<Submitted> {
  await requirePlace(folder, plan);
  if (await isPlanned(folder)) await requireSame(folder, await readPlan(folder), plan);
  if (plan.on.scheduler === "command" && !plan.on.command.includes("{script}"))
    throw new RomeError("input", "The command must hold {script}, the script that each shard runs.");
  await check?.();
  await writePlan(folder, plan);
  await writeScripts(folder, plan);
  return resumeJobs(folder);
}

/** Submits what is missing of a folder's jobs and is not in the queue. */
export async function resumeJobs(folder: string): Promise<Submitted> {
  const plan = await readPlan(folder);
  const self = process.env.SLURM_JOB_ID;
  const handed = await handOver({
    folder,
    scheduler: schedulerOf(folder, plan),
    look: () => lookAt(folder, plan),
    self,
  });
  return { ...handed, status: await jobsStatus(folder) };
}

/** How far a folder's jobs are. */
export async function jobsStatus(folder: string): Promise<JobsStatus> {
  const plan = await readPlan(folder);
  const scheduler = schedulerOf(folder, plan);
  const [work, handovers, queue] = await Promise.all([lookAt(folder, plan), readHandovers(folder), scheduler.queue()]);
  const states = shardStates(work, handovers, queue);
  const count = (wanted: string) => states.filter(({ state }) => state === wanted).length;
  const { unit, recorded, total, perSecond } = await paceOf(folder, plan);
  const isRunning = states.some(({ state }) => state === "running");
  const reasons = new Map<string, number>();
  // A scheduler that has not looked at a job yet gives it none.
  for (const { state, reason } of queue)
    if (state === "waiting" && reason !== "None") reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return {
    shards: { done: count("done"), running: count("running"), failed: count("failed"), waiting: count("waiting") },
    merged: work.merged,
    jobs: latestJobs(handovers),
    states: {
      prepare: stageState("prepare", work, handovers, queue),
      merge: stageState("merge", work, handovers, queue),
    },
    unit,
    names: { recorded, total },
    namesPerSecond: perSecond,
    secondsLeft: isRunning && perSecond ? (total - recorded) / perSecond : null,
    failures: await failuresOf(folder, scheduler, work, handovers, queue),
    reasons: [...reasons].map(([reason, times]) => ({ reason, count: times })),
  };
}

/** Ends a folder's jobs; what they recorded stays, and the same command as before goes on from there. */
export async function cancelJobs(folder: string): Promise<JobsStatus> {
  const plan = await readPlan(folder);
  const scheduler = schedulerOf(folder, plan);
  await submitting(folder, async () => {
    const handovers = await readHandovers(folder);
    await writeHandovers(
      folder,
      handovers.map((handover) => ({ ...handover, cancelled: true })),
    );
    const queue = await scheduler.queue();
    // The merge job first: it would start once the array has ended.
    for (const stage of ["merge", "shard", "prepare"])
      await scheduler.cancel(queue.filter((each) => each.stage === stage).map(({ job }) => job));
  });
  return jobsStatus(folder);
}

function schedulerOf(folder: string, { on, shards }: Plan): Scheduler {
  return on.scheduler === "slurm" ? new Slurm(folder, on.flags) : new Command(resolve(folder), on, shards);
}

async function requireSame(folder: string, known: Plan, wanted: Plan): Promise<void> {
  // Of a plan that no scheduler ever took, nothing has come.
  if ((await readHandovers(folder)).length === 0) return;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  if (!same(known.arguments.prepare, wanted.arguments.prepare) || known.task !== wanted.task)
    throw new RomeError(
      "data",
      `The jobs of ${folder} were planned otherwise: ${known.arguments.merge.join(" ")}. Record into another folder.`,
    );
  if (known.shards === wanted.shards) return;
  const queue = await schedulerOf(folder, known).queue();
  if (queue.some(({ isDoubtful }) => !isDoubtful))
    throw new RomeError(
      "data",
      `${known.shards} shards of ${folder} are in the queue. Say --shards ${known.shards}, or cancel them first: rome jobs cancel ${shellWord(folder)}`,
    );
  // Their numbers meant other batches.
  await writeHandovers(folder, []);
}
