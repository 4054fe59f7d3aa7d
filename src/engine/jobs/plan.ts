import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { shellWord } from "../../text/shell.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { readText } from "../files/readText.ts";
import { schemaFault } from "../files/schema.ts";

const schema = 1;
const words = v.array(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The three kinds of jobs, in the order in which they run. */
export const stages = ["prepare", "shard", "merge"] as const;
export type Stage = (typeof stages)[number];

/** Stands for the shard's number in the arguments of its job. */
export const shardNumber = "{shard}";

/** What is to be done, and by whom: all that its jobs need, and what they are submitted with again. */
const planSchema = v.object({
  schema: v.literal(schema),
  /** What the merged results are; their completeness is judged by it. */
  task: v.picklist(["record", "experiment", "trace", "sweep", "referee"]),
  on: v.variant("scheduler", [
    /** A batch script of the site's own, with {command} where the work goes; and flags of sbatch. */
    v.object({ scheduler: v.literal("slurm"), template: v.optional(v.string()), flags: words }),
    /** Any other: a command line in which {script}, {shards} and {folder} are filled in. */
    v.object({
      scheduler: v.literal("command"),
      command: v.string(),
      /** Environment variable in which a task finds its number, and the number of the first. */
      variable: v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)),
      first: v.pipe(v.number(), v.integer(), v.minValue(0)),
    }),
  ]),
  shards: count,
  /** Folder that relative paths start from. */
  cwd: v.string(),
  /** The program and its first arguments; those of each kind of job follow. `shardNumber` is filled in. */
  program: words,
  arguments: v.object({ prepare: words, shard: words, merge: words }),
  /** Environment variables that the jobs need, whatever the scheduler hands on. */
  environment: v.record(v.string(), v.string()),
});
export type Plan = v.InferOutput<typeof planSchema>;

/** Where the files of jobs lie within a folder of results. */
export function jobsFolder(folder: string): string {
  return join(resolve(folder), "jobs");
}

export function scriptPath(folder: string, stage: Stage): string {
  return join(jobsFolder(folder), `${stage}.sh`);
}

/** All attempts of one job write into one log. */
export function logPath(folder: string, stage: Stage, shard?: number | string): string {
  return join(jobsFolder(folder), "logs", stage === "shard" ? `shard-${shard}.log` : `${stage}.log`);
}

/** What the scheduler calls the jobs: a name of this folder's own, by which they are found again. */
export function jobName(folder: string, stage: Stage): string {
  return `rome-${stage}-${createHash("sha256").update(resolve(folder)).digest("hex").slice(0, 10)}`;
}

const damaged = "is damaged. Delete it and submit the jobs again: what is recorded stays.";

/** @throws RomeError "data" where nothing was submitted from this folder, or its plan is damaged */
export async function readPlan(folder: string): Promise<Plan> {
  const path = join(jobsFolder(folder), "plan.json");
  const text = await readText(path).catch((cause) => {
    throw new RomeError(
      "data",
      `No jobs were submitted for ${folder}. Submit them with: rome experiment --on slurm --shards N --out ${shellWord(folder)}`,
      { cause },
    );
  });
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.looseObject({ schema: v.unknown() })), text);
  const fault = parsed.success ? schemaFault(parsed.output.schema, schema) : damaged;
  if (fault) throw new RomeError("data", `${path} ${fault}`);
  const plan = v.safeParse(planSchema, parsed.output);
  if (!plan.success) throw new RomeError("data", `${path} ${damaged}`);
  return plan.output;
}

export async function writePlan(folder: string, plan: Plan): Promise<void> {
  await makeFolder(join(jobsFolder(folder), "logs"));
  await writeAtomically(join(jobsFolder(folder), "plan.json"), [Buffer.from(`${JSON.stringify(plan, null, 1)}\n`)]);
}

/** Whether jobs were ever submitted from a folder. */
export function isPlanned(folder: string): Promise<boolean> {
  return stat(join(jobsFolder(folder), "plan.json")).then(
    () => true,
    () => false,
  );
}
