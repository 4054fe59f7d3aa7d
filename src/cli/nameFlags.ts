import type { Command } from "commander";
import type { NameChoice } from "../engine/tasks/request.ts";
import { wholeNumber } from "./flags.ts";

/** Flags of commands that measure something over names. */
export interface NameFlags {
  readonly names?: string;
  readonly count: string;
  readonly seed: string;
}

export function withNameFlags(command: Command, count: number): Command {
  return command
    .argument("[names...]", "names; left out: a sample of a file")
    .option("--names <file>", "CSV of names and labels to sample from (default: the recorded names)")
    .option("--count <n>", "size of the sample", String(count))
    .option("--seed <n>", "of the sample and of everything else that is drawn", "0");
}

/** The names given, or a sample of the file's in a seeded order; with the seed, which decides more than the sample. */
export function nameChoice(names: readonly string[], flags: NameFlags): NameChoice & { readonly seed: number } {
  const count = wholeNumber(flags.count, "--count", 1);
  const seed = wholeNumber(flags.seed, "--seed", 0);
  return { names, seed, sample: { file: flags.names, count, seed } };
}
