import type { Command } from "commander";
import type { Concept } from "../engine/concept/concept.ts";
import { readExperimentNames } from "../engine/concept/names.ts";
import { Random } from "../engine/numerics/random.ts";
import { wholeNumber } from "./context.ts";

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

/** The names given, or a sample of the file's in a seeded order. */
export async function chooseNames(listed: readonly string[], flags: NameFlags, concept: Concept): Promise<string[]> {
  const count = wholeNumber(flags.count, "--count", 1);
  const seed = wholeNumber(flags.seed, "--seed", 0);
  if (listed.length > 0) return [...listed];
  const { recorded } = await readExperimentNames(concept, seed, { file: flags.names });
  return new Random(seed, "sample of names")
    .shuffled(recorded)
    .slice(0, count)
    .map(({ name }) => name);
}
