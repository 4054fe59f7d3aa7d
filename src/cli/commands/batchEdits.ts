import type { Command } from "commander";
import { batchEdits } from "../../engine/tasks/batchEdits.ts";
import type { EditEntry } from "../../protocol/editEntry.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { type EditFlags, editOptions, formFlag, withBasisFlags } from "../editFlags.ts";
import { positiveNumber, wholeNumber } from "../flags.ts";
import { type NameFlags, nameChoice, withNameFlags } from "../nameFlags.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly weight: string;
  readonly out: string;
  readonly maxTokens: string;
}

export function batchEditsCommand(edits: Command): void {
  withBasisFlags(withNameFlags(edits.command("batch"), 10))
    .description("flip many names by one least-squares update (MEMIT's, at one layer) and write them as one file")
    .option(...formFlag)
    .requiredOption("--out <file>", ".romedit file to write")
    .option("--weight <λ>", "how much the layer's other keys count", "1")
    .option("--max-tokens <n>", "length of the completions", "24")
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const request = {
        ...editOptions(flags),
        ...nameChoice(listed, flags),
        weight: positiveNumber(flags.weight, "--weight"),
        maxTokens: wholeNumber(flags.maxTokens, "--max-tokens", 1),
        out: flags.out,
      };
      const edits = await withProgress(async (run) => batchEdits(await engineFor(flags), request, run));
      print(flags, { file: flags.out, edits }, () => batchText(edits, flags.out));
    });
}

function batchText(edits: readonly EditEntry[], file: string): string {
  return [
    ...edits.map(
      ({ name, target, before, after }) =>
        `${name} →${target}   P ${percent(before.probability)} → ${percent(after.probability)} with all in force`,
    ),
    `${file} holds the batch. Try it with: rome edits apply ${file}`,
  ].join("\n");
}
