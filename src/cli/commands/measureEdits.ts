import type { Command } from "commander";
import { readExperimentNames } from "../../engine/concept/names.ts";
import { type ManyEdits, measureMany } from "../../engine/evaluate/manyEdits.ts";
import { manyEditsHtml, manyEditsSvg } from "../../engine/evaluate/manyEditsHtml.ts";
import { editOptionsOf } from "../../engine/tasks/service.ts";
import { engineFor, type GlobalOptions, print, wholeNumber, withProgress } from "../context.ts";
import { type EditFlags, editOptions, withEditFlags } from "../editFlags.ts";
import { percent } from "../format.ts";
import { chooseNames, type NameFlags, withNameFlags } from "../nameFlags.ts";
import { checkOutputs, collect, type Writers, writeOutputs } from "../outputs.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly counts?: string;
  readonly weight: string;
  readonly out?: string[];
}

const writers: Writers<ManyEdits> = {
  ".json": (many) => `${JSON.stringify(many, null, 1)}\n`,
  ".html": manyEditsHtml,
  ".svg": manyEditsSvg,
};

const usual = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

export function measureEditsCommand(edits: Command): void {
  withEditFlags(withNameFlags(edits.command("measure"), 100))
    .description("many edits at once: how many succeed and what else changes, as sums, in turn and as one batch update")
    .option("--counts <n,n,…>", "numbers of edits to measure (default: 1, 2, 5, 10, … up to --count)")
    .option("--weight <λ>", "of the second moment in the batch update", "1")
    .option("--out <file>", "write .json, .html or .svg; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      checkOutputs(flags.out ?? [], writers);
      const options = editOptionsOf(await editOptions(flags));
      const seed = wholeNumber(flags.seed, "--seed", 0);
      const many = await withProgress(async ({ signal, progress }) => {
        const engine = await engineFor(flags);
        const names = await chooseNames(listed, flags, engine.concept);
        const counts = flags.counts?.split(",").map((text) => wholeNumber(text, "--counts", 1)) ?? [
          ...usual.filter((count) => count < names.length),
          names.length,
        ];
        const { rome, name } = await engine.open();
        const onProgress = (phase: string, done: number, total: number) => progress({ phase, done, total });
        const measure = { ...options, counts, weight: Number(flags.weight), seed, signal, onProgress };
        const { recorded, fresh } = await readExperimentNames(engine.concept, seed);
        const pool = [...fresh, ...recorded].map((row) => row.name);
        return measureMany(rome, name, names, pool, engine.concept, measure);
      });
      await writeOutputs(flags.out ?? [], many, writers);
      print(flags, many, () => manyText(many));
    });
}

function manyText({ rows, layer, contexts, covarianceTokens, weight, seconds }: ManyEdits): string {
  return [
    `Layer ${layer}, ${contexts} contexts, covariance over ${covarianceTokens} tokens, λ ${weight}, ${seconds.toFixed(1)} s`,
    "edits  form      success  other names changed  drift in nats",
    ...rows.map(({ count, form, success, damage, drift }) =>
      [
        String(count).padStart(5),
        form.padEnd(8),
        percent(success).padStart(8),
        percent(damage).padStart(20),
        drift.toFixed(4).padStart(14),
      ].join("  "),
    ),
  ].join("\n");
}
