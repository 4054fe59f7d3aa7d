import type { Command } from "commander";
import { evaluate, evaluationWriters } from "../../engine/tasks/evaluate.ts";
import { writeOutputs } from "../../engine/tasks/outputs.ts";
import { keyVariants } from "../../protocol/editEntry.ts";
import type { Evaluation } from "../../protocol/measurements.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { type EditFlags, editOptions, formFlag, withBasisFlags } from "../editFlags.ts";
import { collect, finiteNumber, oneOf } from "../flags.ts";
import { type NameFlags, nameChoice, withNameFlags } from "../nameFlags.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly keys?: string;
  readonly scales?: string;
  readonly vector?: string;
  readonly concept?: string;
  readonly out?: string[];
}

export function evaluateCommand(rome: Command): void {
  withBasisFlags(withNameFlags(rome.command("evaluate"), 10))
    .description("what edits did, and what else they broke, by CounterFact's measures")
    .option(...formFlag)
    .option("--keys <list>", `ways of editing to compare, of ${keyVariants.join(",")}; none measures only --scales`)
    .option("--scales <list>", "scales of the recorded vector to measure too, e.g. 0.5,1,2")
    .option("--vector <folder>", "analysed data set that has the vector (default: the shipped one)")
    .option("--concept <file>", "concept file: prompt, targets, names (default: gender)")
    .option("--out <file>", "write .json or .html; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const options = editOptions(flags);
      const request = {
        ...options,
        ...nameChoice(listed, flags),
        keys: keysOf(flags.keys ?? options.key ?? "rome"),
        scales: flags.scales?.split(",").map((text) => finiteNumber(text, "--scales")),
        vector: flags.vector,
        out: flags.out,
      };
      const result = await withProgress(async (run) => evaluate(await engineFor(flags, flags.concept), request, run));
      print(flags, result, () => evaluationText(result));
      await writeOutputs(flags.out, result, evaluationWriters);
    });
}

function keysOf(list: string) {
  return list === "none" ? [] : list.split(",").map((text) => oneOf(text, "--keys", keyVariants));
}

function evaluationText({ runs, layer, seconds }: Evaluation): string {
  return [
    `layer ${layer}, ${runs[0]?.edits ?? 0} names, ${seconds.toFixed(1)} s`,
    ...runs.map(({ kind, key, scale, ...run }) =>
      [
        kind === "edit" ? `own edits, ${key} keys` : `vector at scale ${scale}`,
        `  efficacy       ${percent(run.efficacy.after.score)} (before ${percent(run.efficacy.before.score)}), magnitude ${run.efficacy.after.magnitude.toFixed(3)}`,
        `  paraphrase     ${percent(run.paraphrase.after.score)} (before ${percent(run.paraphrase.before.score)}), magnitude ${run.paraphrase.after.magnitude.toFixed(3)}`,
        `  neighbourhood  ${percent(run.neighbourhood.after.score)} (before ${percent(run.neighbourhood.before.score)}), magnitude ${run.neighbourhood.after.magnitude.toFixed(3)}`,
        `  score S        ${percent(run.score.after)}`,
        `  fluency        ${run.fluency.before.toFixed(2)} → ${run.fluency.after.toFixed(2)} bits`,
        ...(run.consistency
          ? [`  consistency    ${run.consistency.before.toFixed(3)} → ${run.consistency.after.toFixed(3)}`]
          : []),
        `  drift          perplexity ${run.perplexity.before.toFixed(2)} → ${run.perplexity.after.toFixed(2)}, KL ${run.divergence.toFixed(4)}`,
        `  key            |kᵀu|/‖k‖ ${run.denominator.toFixed(3)}, ‖r‖ ${run.updateNorm.toFixed(2)}`,
        ...run.facts.map(
          ({ fact, own, neighbours }) =>
            `  ${fact.padEnd(14)} kept ${own.count} of ${own.total}, neighbours ${neighbours.count} of ${neighbours.total}`,
        ),
      ].join("\n"),
    ),
  ].join("\n\n");
}
