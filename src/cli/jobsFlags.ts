import type { Command } from "commander";
import { jobPlan } from "../engine/tasks/jobPlan.ts";
import { type Plan, submitJobs } from "../engine/tasks/jobs.ts";
import { RomeError } from "../protocol/errors.ts";
import { assetsFolder, type GlobalOptions, print } from "./context.ts";
import { oneOf, refuseGiven, wholeNumber } from "./flags.ts";
import { submittedText } from "./jobsText.ts";

/** Flags of commands that a cluster can do in shards. */
export interface JobsFlags extends GlobalOptions {
  readonly out?: string | readonly string[];
  readonly keep?: string;
  readonly on?: string;
  readonly shards?: string;
  readonly indexVariable: string;
  readonly indexFrom: string;
}

const mostShards = 100_000;
/** Of this very submission, and so of no job. */
const ownFlags = new Set(["on", "shards", "indexVariable", "indexFrom", "json"]);

/** Of commands that take no other arguments, and keep all in --out. */
export function withJobsFlags(command: Command): Command {
  const place = [
    "[scheduler...]",
    "with --on slurm, behind --: flags of sbatch; with --on command: the command",
  ] as const;
  return withOnFlags(command.argument(...place));
}

/** Of commands whose result is put together from pieces, which --keep keeps. */
export function withPiecesFlags(command: Command): Command {
  return withOnFlags(
    command
      .option("--keep <folder>", "keep what is done, to go on after an interruption; shards may share the folder")
      .option("--shard <i/n>", "with --keep: only part i of n")
      .option("--prepare", "with --keep: only make what all parts rest on"),
  );
}

function withOnFlags(command: Command): Command {
  return command
    .option("--on <scheduler>", "slurm, slurm:FILE (a batch script of the site's own with {command}), or command")
    .option("--shards <n>", "with --on: so many parts, each a task of the array")
    .option("--index-variable <name>", "with --on command: where a task finds its number", "ROME_SHARD")
    .option("--index-from <n>", "with --on command: the number of the first task, 0 or 1", "1");
}

/** The part that --shard names; undefined where it is not given. */
export function shardOf(text: string | undefined): { index: number; count: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || index < 1 || index > count)
    throw new RomeError("input", `--shard takes i/n with i from 1 to n, for example 2/8, not ${JSON.stringify(text)}.`);
  return { index, count };
}

/** What --keep, --shard and --prepare say; `input` error for the latter without the first. */
export function partOf(command: Command) {
  const { keep, shard, prepare } = command.opts<JobsFlags & { shard?: string; prepare?: boolean }>();
  if (keep === undefined) refuseGiven(command, ["shard", "prepare"], "goes with --keep");
  const isPart = keep !== undefined && (shard !== undefined || prepare === true);
  return { keep, part: isPart ? { keep, shard: shardOf(shard) } : undefined };
}

/**
 * Submits the command's work where `--on` says so.
 *
 * @param check throws what the work itself would throw at its start, before anything is submitted
 * @returns whether it did; then nothing is left to do here
 * @throws RomeError "input" for arguments and flags without their `--on`
 */
export async function submitted(
  command: Command,
  scheduler: readonly string[],
  task: Plan["task"],
  operands: readonly string[] = [],
  check?: () => Promise<void>,
): Promise<boolean> {
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
  const shards = wholeNumber(flags.shards, "--shards", 1, mostShards);
  const folder = typeof flags.out === "string" ? flags.out : flags.keep;
  if (folder === undefined) throw new RomeError("input", "--on needs --keep: the folder that all parts share.");
  const given = givenArguments(command, operands);
  const plan = jobPlan({ task, on: placeOf(flags, scheduler), shards, given, assetsFolder });
  const result = await submitJobs(folder, plan, check);
  print(flags, result, () => submittedText(result, folder));
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

/** The command, its operands and its options as they were given, without those of the submission. */
function givenArguments(command: Command, operands: readonly string[]): string[] {
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
  return [command.name(), ...operands, ...options];
}
