import { join } from "node:path";
import type { Command } from "commander";
import { planPreparation, prepare } from "../../engine/tasks/prepare.ts";
import type { Preparation, PreparationPlan } from "../../protocol/preparation.ts";
import { type Step, steps } from "../../protocol/preparation.ts";
import { byteCount, duration, roughly } from "../../text/amounts.ts";
import { assetsFolder, engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { collect, oneOf, wholeNumber } from "../flags.ts";

interface Flags extends GlobalOptions {
  readonly concept: string;
  readonly skip?: string[];
  readonly text?: string[];
  readonly seed: string;
  readonly fresh?: boolean;
  readonly plan?: boolean;
}

export function prepareCommand(rome: Command): void {
  rome
    .command("prepare")
    .description(
      "find what edits of --model rest on: what it knows, contexts, layer, covariance, optimiser; run it again to go on",
    )
    .option("--concept <file>", "concept file: prompt, targets, labels", join(assetsFolder, "data", "gender.json"))
    .option("--skip <step>", `leave a step out (${steps.join(", ")}); may be given several times`, collect)
    .option("--text <file>", "text to count the covariance over; may be given several times", collect)
    .option("--seed <n>", "of the sample of names", "0")
    .option("--fresh", "forget what an earlier call found")
    .option("--plan", "say what it would take, and do nothing")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const params = {
        skip: flags.skip?.map((text): Step => oneOf(text, "--skip", steps)),
        texts: flags.text,
        seed: wholeNumber(flags.seed, "--seed", 0),
        fresh: flags.fresh,
      };
      const engine = await engineFor(flags, flags.concept);
      const planned = await withProgress((run) => planPreparation(engine, params, run));
      if (flags.plan) return print(flags, planned, () => planText(planned));
      process.stderr.write(`${planText(planned)}\n`);
      const found = await withProgress((run) => prepare(engine, params, run));
      print(flags, found, () => foundText(found));
    });
}

function planText({ model, concept, steps: planned, seconds, bytes, replaces }: PreparationPlan): string {
  const amount = (step: PreparationPlan["steps"][number]) =>
    step.state === "to do" ? `about ${roughly(step.seconds)}` : step.state;
  const disk = bytes > 0 ? ` and up to ${byteCount(bytes)} of disk` : "";
  return [
    seconds > 0
      ? `Preparing ${model} for ${concept} takes about ${roughly(seconds)}${disk}.\nThe time is judged by a few passes: beside other work half or twice that.`
      : `Preparing ${model} for ${concept}: nothing is left to do.`,
    ...planned.map((step) => `  ${step.step.padEnd(11)} ${amount(step).padEnd(14)} ${step.what}`),
    ...(replaces === undefined
      ? []
      : [`It takes the place of ${model}'s preparation for ${replaces}, for edits of every concept.`]),
  ].join("\n");
}

function foundText({ model, layer, reasons, file, page, seconds }: Preparation): string {
  return [
    `${model.name} is prepared: layer ${layer}; its steps took ${duration(seconds)} in all`,
    `layer       ${reasons.layer}`,
    `covariance  ${reasons.covariance}`,
    `optimiser   ${reasons.optimiser}`,
    `contexts    ${reasons.contexts}`,
    `Edits of this model use ${file}`,
    `Why: ${page}`,
  ].join("\n");
}
