import { join } from "node:path";
import type { Command } from "commander";
import { checkOutputs, writeOutputs } from "../../engine/tasks/outputs.ts";
import { checkReferee, referee, refereePlan, refereeShard, refereeWriters } from "../../engine/tasks/referee.ts";
import { checkIds, constructionNames } from "../../protocol/referee.ts";
import { duration } from "../../text/amounts.ts";
import { assetsFolder, engineFor, engineToCheck, type GlobalOptions, print, withProgress } from "../context.ts";
import { collect, given, oneOf, wholeNumber } from "../flags.ts";
import { partOf, submitted, withPiecesFlags } from "../jobsFlags.ts";
import { refereeText } from "../refereeText.ts";

interface Flags extends GlobalOptions {
  readonly concept: string;
  readonly names?: string;
  readonly newNames?: string;
  readonly seed: string;
  readonly vector: string;
  readonly skip?: readonly string[];
  readonly only?: readonly string[];
  readonly each?: string;
  readonly records?: string;
  readonly controls?: string;
  readonly permutations?: string;
  readonly collateral?: string;
  readonly universal?: string;
  readonly plan?: boolean;
  readonly out?: readonly string[];
}

export function refereeCommand(rome: Command): void {
  withPiecesFlags(rome.command("referee"))
    .description(
      "does a recorded direction mean what it is said to mean? vectors compared, eight checks, a verdict card",
    )
    .argument("<folder>", "analysed data set; what the referee makes is kept beside it, and a second run goes on")
    .argument("[scheduler...]", "with --on, behind --: flags of sbatch, or the command")
    .option("--concept <file>", "concept file", join(assetsFolder, "data", "gender.json"))
    .option("--names <file>", "CSV of names and labels that were recorded (default: the concept file's)")
    .option("--new-names <file>", "names outside the data (default: the concept file's)")
    .option("--seed <n>", "of every draw", "0")
    .option("--vector <name>", `the vector on trial: ${constructionNames.join(", ")}`, "sign")
    .option("--skip <check>", `leave a check out, may be repeated: ${checkIds.join(", ")}`, collect)
    .option("--only <check>", "make only this check, may be repeated", collect)
    .option("--each <n>", "new names in each half, and names of every further kind (default: 100)")
    .option("--records <n>", "edits recorded for a check that needs its own (default: 40)")
    .option("--controls <n>", "vectors of each kind of control (default: 80)")
    .option("--permutations <n>", "shuffles of the labels (default: 1000)")
    .option("--collateral <n>", "edits measured for what they do besides (default: 80)")
    .option("--universal <n>", "names that the universal vectors are solved over (default: 32)")
    .option("--plan", "say what is going to be done and how long it may take, and stop")
    .option("--out <file>", "also write the card: .json, .md, .tex, .csv; may be repeated", collect)
    .action(async (folder: string, scheduler: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      await checkOutputs(flags.out, refereeWriters);
      const { keep, part } = partOf(command);
      const id = (option: string) => (text: string) => oneOf(text, option, checkIds);
      const count = (text: string | undefined, option: string) => given(text, (value) => wholeNumber(value, option, 4));
      const each = count(flags.each, "--each");
      const request = {
        folder,
        keep,
        namesFile: flags.names,
        newNamesFile: flags.newNames,
        seed: wholeNumber(flags.seed, "--seed", 0),
        vector: oneOf(flags.vector, "--vector", constructionNames),
        skip: flags.skip?.map(id("--skip")),
        only: flags.only?.map(id("--only")),
        settings: {
          names: each,
          others: each,
          records: count(flags.records, "--records"),
          controls: count(flags.controls, "--controls"),
          permutations: count(flags.permutations, "--permutations"),
          collateral: count(flags.collateral, "--collateral"),
          universal: count(flags.universal, "--universal"),
        },
      };
      const check = async () => checkReferee(await engineToCheck(flags, flags.concept), request);
      if (await submitted(command, scheduler, "referee", [folder], check)) return;
      if (part) {
        const params = { ...request, ...part };
        const engine = await engineFor(flags, flags.concept);
        const made = await withProgress((run) => refereeShard(engine, params, part.shard, run));
        return print(flags, made, () => `Made ${made.done} of ${made.total} checks.`);
      }
      if (flags.plan) {
        const plan = await withProgress(async (run) =>
          refereePlan(await engineFor(flags, flags.concept), request, run),
        );
        return print(flags, plan, () =>
          [
            ...plan.parts.map(({ name, seconds, done }) => `${name.padEnd(14)} ${done ? "done" : duration(seconds)}`),
            `${"in all".padEnd(14)} ${duration(plan.seconds)}`,
          ].join("\n"),
        );
      }
      const card = await withProgress(async (run) => referee(await engineFor(flags, flags.concept), request, run));
      await writeOutputs(flags.out, card, refereeWriters);
      print(flags, card, () => refereeText(card));
    });
}
