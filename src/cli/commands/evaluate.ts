import type { Command } from "commander";
import { readConcept } from "../../engine/concept/concept.ts";
import { evaluationHtml } from "../../engine/evaluate/evaluationHtml.ts";
import { keyVariants } from "../../engine/rome/edit.ts";
import { RomeError } from "../../engine/run/errors.ts";
import type { Evaluation } from "../../protocol/measurements.ts";
import { engineFor, type GlobalOptions, print, wholeNumber, withProgress } from "../context.ts";
import { type EditFlags, editOptions, withEditFlags } from "../editFlags.ts";
import { percent } from "../format.ts";
import { chooseNames, type NameFlags, withNameFlags } from "../nameFlags.ts";
import { checkOutputs, collect, type Writers, writeOutputs } from "../outputs.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly keys?: string;
  readonly scales?: string;
  readonly vector?: string;
  readonly concept?: string;
  readonly out?: string[];
}

const writers: Writers<Evaluation> = {
  ".json": (evaluation) => `${JSON.stringify(evaluation, null, 1)}\n`,
  ".html": evaluationHtml,
};

export function evaluateCommand(rome: Command): void {
  withEditFlags(withNameFlags(rome.command("evaluate"), 10))
    .description("what edits did, and what else they broke, by CounterFact's measures")
    .option("--keys <list>", `ways of editing to compare, of ${keyVariants.join(",")}; none measures only --scales`)
    .option("--scales <list>", "scales of the recorded vector to measure too, e.g. 0.5,1,2")
    .option("--vector <folder>", "analysed data set that has the vector (default: the shipped one)")
    .option("--concept <file>", "experiment file: prompt, targets, names (default: gender)")
    .option("--out <file>", "write .json or .html; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      checkOutputs(flags.out ?? [], writers);
      const concept = flags.concept === undefined ? undefined : await readConcept(flags.concept);
      const options = {
        ...(await editOptions(flags)),
        ...(concept && { template: concept.prompt, targets: concept.targets }),
      };
      const request = {
        keys: keysOf(flags.keys ?? options.key ?? "rome"),
        scales: scalesOf(flags.scales),
        seed: wholeNumber(flags.seed, "--seed", 0),
      };
      const result = await withProgress(async (run) => {
        const engine = await engineFor(flags, flags.vector);
        const names = await chooseNames(listed, flags, concept ?? engine.concept);
        return engine.evaluate({ names, ...options, ...request }, run);
      });
      await writeOutputs(flags.out ?? [], result, writers);
      print(flags, result, () => evaluationText(result));
    });
}

function keysOf(list: string) {
  if (list === "none") return [];
  return list.split(",").map((text) => {
    const key = keyVariants.find((variant) => variant === text.trim());
    if (!key)
      throw new RomeError("input", `--keys takes ${keyVariants.join(", ")} or none, not ${JSON.stringify(text)}.`);
    return key;
  });
}

function scalesOf(list: string | undefined): number[] {
  return (list?.split(",") ?? []).map((text) => {
    const scale = Number(text);
    if (text.trim() === "" || !Number.isFinite(scale))
      throw new RomeError("input", `--scales takes numbers with commas between, not ${JSON.stringify(text)}.`);
    return scale;
  });
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
            `  ${fact.padEnd(14)} kept ${own.changed} of ${own.total}, neighbours ${neighbours.changed} of ${neighbours.total}`,
        ),
      ].join("\n"),
    ),
  ].join("\n\n");
}
