import { join } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { jobNumbers } from "../../protocol/jobs.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { lock } from "../files/lock.ts";
import { readText } from "../files/readText.ts";
import { jobsFolder } from "./plan.ts";

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** One time that jobs were handed over: which, and what was there at that moment. */
const handover = v.object({
  at: v.pipe(v.string(), v.isoTimestamp()),
  /** A person, whose word makes all failures before it forgotten; or the merge job, which submits again what failed. */
  by: v.picklist(["person", "merge"]),
  jobs: jobNumbers,
  /** Of each shard of the array, how many batches it had. */
  shards: v.array(v.object({ shard: whole, kept: whole })),
  cancelled: v.optional(v.boolean()),
});
export type Handover = v.InferOutput<typeof handover>;

function path(folder: string): string {
  return join(jobsFolder(folder), "submissions.json");
}

/** All handovers of a folder, the oldest first. */
export async function readHandovers(folder: string): Promise<Handover[]> {
  const text = await readText(path(folder)).catch(() => "[]");
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.array(handover)), text);
  if (parsed.success) return parsed.output;
  throw new RomeError("data", `${path(folder)} is damaged. Delete it: what is recorded is judged by its own files.`);
}

export async function writeHandovers(folder: string, all: readonly Handover[]): Promise<void> {
  await writeAtomically(path(folder), [Buffer.from(`${JSON.stringify(all)}\n`)]);
}

/** One submitter at a time. Were the lock to fail, some work would be done twice, to the same bytes. */
export async function submitting<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const release = await lock(jobsFolder(folder), { reason: "data" });
  try {
    return await work();
  } finally {
    await release();
  }
}
