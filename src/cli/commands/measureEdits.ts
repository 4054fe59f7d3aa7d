import type { Command } from "commander";
import { manyEditsWriters, measureEdits } from "../../engine/tasks/measureEdits.ts";
import { writeOutputs } from "../../engine/tasks/outputs.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { type EditFlags, editOptions, formFlag, withBasisFlags } from "../editFlags.ts";
import { collect, positiveNumber, wholeNumber } from "../flags.ts";
import { type NameFlags, nameChoice, withNameFlags } from "../nameFlags.ts";

type ManyEdits = Awaited<ReturnType<typeof measureEdits>>;

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly counts?: string;
  readonly weight: string;
  readonly out?: string[];
}

export function measureEditsCommand(edits: Command): void {
  withBasisFlags(withNameFlags(edits.command("measure"), 100))
    .description("many edits at once: how many succeed and what else changes, as sums, in turn and as one batch update")
    .option(...formFlag)
    .option("--counts <n,n,…>", "numbers of edits to measure (default: 1, 2, 5, 10, … up to --count)")
    .option("--weight <λ>", "of the second moment in the batch update", "1")
    .option("--out <file>", "write .json, .html or .svg; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const request = {
        ...editOptions(flags),
        ...nameChoice(listed, flags),
        counts: flags.counts?.split(",").map((text) => wholeNumber(text, "--counts", 1)),
        weight: positiveNumber(flags.weight, "--weight"),
        out: flags.out,
      };
      const many = await withProgress(async (run) => measureEdits(await engineFor(flags), request, run));
      print(flags, many, () => manyText(many));
      await writeOutputs(flags.out, many, manyEditsWriters);
    });
}

function manyText({ rows, layer, contexts, covarianceTokens, weight, seconds }: ManyEdits): string {
  return [
    `Layer ${layer}, ${contexts} contexts, covariance over ${covarianceTokens} tokens, λ ${weight}, ${seconds.toFixed(1)} s`,
    "edits  way       success  other names changed  drift in nats",
    ...rows.map(({ count, way, success, damage, drift }) =>
      [
        String(count).padStart(5),
        way.padEnd(8),
        percent(success).padStart(8),
        percent(damage).padStart(20),
        drift.toFixed(4).padStart(14),
      ].join("  "),
    ),
  ].join("\n");
}
