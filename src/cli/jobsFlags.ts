import type { Command } from "commander";
import { jobPlan } from "../engine/tasks/jobPlan.ts";
import { type Plan, submitJobs } from "../engine/tasks/jobs.ts";
import { RomeError } from "../protocol/errors.ts";
import { assetsFolder, type GlobalOptions, print } from "./context.ts";
import { oneOf, refuseGiven, wholeNumber } from "./flags.ts";
import { submittedText } from "./jobsText.ts";

/** Flags of commands that a cluster can do in shards. */
export interface JobsFlags extends GlobalOptions {
  readonly out: string;
  readonly on?: string;
  readonly shards?: string;
  readonly indexVariable: string;
  readonly indexFrom: string;
}

const mostShards = 100_000;
/** Of this very submission, and so of no job. */
const ownFlags = new Set(["on", "shards", "indexVariable", "indexFrom", "json", "out"]);
export function withJobsFlags(command: Command): Command {
  return command
    .argument("[scheduler...]", "with --on slurm, behind --: flags of sbatch; with --on command: the command")
    .option("--on <scheduler>", "slurm, slurm:FILE (a batch script of the site's own with {command}), or command")
    .option("--shards <n>", "with --on: so many parts, each a task of the array")
    .option("--index-variable <name>", "with --on command: where a task finds its number", "ROME_SHARD")
    .option("--index-from <n>", "with --on command: the number of the first task, 0 or 1", "1");
}

/**
 * Submits the command's work where `--on` says so.
 *
 * @returns whether it did; then nothing is left to do here
 * @throws RomeError "input" for arguments and flags without their `--on`
 */
export async function submitted(command: Command, scheduler: readonly string[], task: Plan["task"]): Promise<boolean> {
  const flags = command.optsWithGlobals<JobsFlags>();
  if (flags.on === undefined) {
    const [first] = scheduler;
    if (first !== undefined)
      throw new RomeError("input", `${JSON.stringify(first)} is no argument of this command. It goes with --on slurm.`);
    refuseGiven(command, ["shards", "indexVariable", "indexFrom"], "goes with --on");
    return false;
  }
  refuseGiven(command, ["shard", "prepare"], "goes without --on, which gives each task its part");
  if (flags.shards === undefined) throw new RomeError("input", "--on needs --shards: into how many parts?");
  const given = givenArguments(command);
  const shards = wholeNumber(flags.shards, "--shards", 1, mostShards);
  const { out: folder } = flags;
  const plan = jobPlan({ task, on: placeOf(flags, scheduler), shards, given, folder, assetsFolder });
  const result = await submitJobs(flags.out, plan);
  print(flags, result, () => submittedText(result, flags.out));
  return true;
}

function placeOf(flags: JobsFlags, scheduler: readonly string[]): Plan["on"] {
  const [kind = "", ...rest] = (flags.on as string).split(":");
  const template = rest.length > 0 ? rest.join(":") : undefined;
  if (oneOf(kind, "--on", ["slurm", "command"]) === "slurm")
    return { scheduler: "slurm", flags: [...scheduler], ...(template ? { template } : {}) };
  const [line] = scheduler;
  if (line === undefined || scheduler.length > 1)
    throw new RomeError("input", "--on command takes one command line, in quotes, that holds {script}.");
  const variable = flags.indexVariable;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
    throw new RomeError(
      "input",
      `--index-variable takes the name of an environment variable, not ${JSON.stringify(variable)}.`,
    );
  return { scheduler: "command", command: line, variable, first: wholeNumber(flags.indexFrom, "--index-from", 0, 1) };
}

/** The command and its options as they were given, without those of the submission. */
function givenArguments(command: Command): string[] {
  const owners = [command.parent, command].filter((owner) => owner !== null);
  const options = owners.flatMap((owner) =>
    owner.options.flatMap((option) => {
      const name = option.attributeName();
      if (ownFlags.has(name) || owner.getOptionValueSource(name) !== "cli") return [];
      const value: unknown = owner.getOptionValue(name);
      const flag = option.long as string;
      return [value].flat().flatMap((each) => (each === true ? [flag] : [flag, String(each)]));
    }),
  );
  return [command.name(), ...options];
}
