import type { JobsStatus } from "../../protocol/jobs.ts";
import { Dataset } from "../experiment/dataset.ts";
import { readReport } from "../experiment/experiment.ts";
import { Pieces } from "../files/pieces.ts";
import { shardOf } from "../files/shard.ts";
import type { Plan } from "../jobs/plan.ts";
import type { Work } from "../jobs/states.ts";

/** Batches or pieces whose times are asked at most, to tell how fast they come. */
const mostSampled = 400;

const isData = ({ task }: Plan) => task === "record" || task === "experiment";
const units = { record: "names", experiment: "names", trace: "names", sweep: "layers", referee: "checks" } as const;

/** Makes sure, before any work, that what the plan makes can be kept in a folder; "input" or "disk" error. */
export function requirePlace(folder: string, plan: Plan): Promise<void> {
  return isData(plan) ? Dataset.requirePlace(folder) : Pieces.requirePlace(folder);
}

/** What lies in the folder of a plan. */
export async function lookAt(folder: string, plan: Plan): Promise<Work> {
  const { steps, there, merged, prepared } = isData(plan) ? await dataWork(folder, plan) : await piecesWork(folder);
  const shards = Array.from({ length: plan.shards }, () => ({ kept: 0, wanted: 0 }));
  for (let step = 0; step < steps; step++) {
    const shard = shards[shardOf(step, plan.shards) - 1] as { kept: number; wanted: number };
    shard.wanted++;
    if (there.has(step)) shard.kept++;
  }
  return { prepared, shards, merged };
}

async function dataWork(folder: string, { task }: Plan) {
  const dataset = await Dataset.open(folder).catch(() => undefined);
  const there = (await dataset?.batchesThere()) ?? new Set<number>();
  const isFinished = (await dataset?.isFinished()) ?? false;
  if (isFinished) await dataset?.requireWhole();
  const merged = isFinished && (task === "record" || (await hasTransfer(folder)));
  return { prepared: dataset !== undefined, steps: dataset?.batchCount ?? 0, there, merged };
}

async function piecesWork(folder: string) {
  const look = await Pieces.look(folder);
  const there = look?.there ?? new Set<number>();
  return { prepared: look !== undefined, steps: look?.count ?? 0, there, merged: look?.finished ?? false };
}

function hasTransfer(folder: string): Promise<boolean> {
  return readReport(folder).then(
    ({ transfer }) => transfer.length > 0,
    () => false,
  );
}

interface Pace {
  readonly unit: JobsStatus["unit"];
  readonly recorded: number;
  readonly total: number;
  /** In the later half of the time; null where it is not known yet. */
  readonly perSecond: number | null;
}

/** How much is done, and how fast it came of late, by when its files were written. */
export async function paceOf(folder: string, plan: Plan): Promise<Pace> {
  const { recorded, total, there, writtenAt } = isData(plan) ? await dataPace(folder) : await piecesPace(folder);
  const step = Math.ceil(there.length / mostSampled);
  const sampled = there.filter((_, i) => i % step === 0);
  const times = (await Promise.all(sampled.map(writtenAt))).filter((at) => at !== undefined);
  times.sort((a, b) => a - b);
  const middle = Math.floor(times.length / 2);
  const seconds = ((times.at(-1) ?? 0) - (times[middle] ?? 0)) / 1000;
  const share = (times.length - 1 - middle) / times.length;
  const perSecond = seconds > 0 ? (recorded * share) / seconds : null;
  return { unit: units[plan.task], recorded, total, perSecond };
}

async function dataPace(folder: string) {
  const dataset = await Dataset.open(folder).catch(() => undefined);
  const there = [...((await dataset?.batchesThere()) ?? [])];
  const { batch = 1, names } = dataset?.manifest ?? {};
  const total = names?.count ?? 0;
  const recorded = there.reduce((sum, index) => sum + Math.min(batch, total - index * batch), 0);
  return { recorded, total, there, writtenAt: async (index: number) => dataset?.writtenAt(index) };
}

async function piecesPace(folder: string) {
  const look = await Pieces.look(folder);
  const there = [...(look?.there ?? [])];
  const writtenAt = (index: number) => Pieces.writtenAt(folder, index);
  return { recorded: there.length, total: look?.count ?? 0, there, writtenAt };
}
