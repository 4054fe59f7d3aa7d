import type { Command } from "commander";
import { edit } from "../../engine/tasks/edit.ts";
import type { Engine } from "../../engine/tasks/engine.ts";
import { preflight } from "../../engine/tasks/preflight.ts";
import { defaultLimits } from "../../protocol/editEntry.ts";
import type { FlipOptions } from "../../protocol/editOptions.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { checkSave, type EditFlags, editOptions, save, withEditFlags } from "../editFlags.ts";
import { refuseGiven, wholeNumber } from "../flags.ts";
import { healthText, proofText, sparkline } from "../format.ts";

interface Flags extends GlobalOptions, EditFlags {
  readonly prompt: string;
  readonly subject: string;
  readonly target: string;
  readonly maxTokens: string;
  readonly dryRun?: boolean;
}

/** Options of an edit that is made. */
const unused = [
  "save",
  "maxTokens",
  "steps",
  "lr",
  "weightDecay",
  "clamp",
  "klFactor",
  "maxDrift",
  "maxRatio",
  "keepBad",
];

export function editCommand(rome: Command): void {
  withEditFlags(rome.command("edit"))
    .description("write any target for any subject of any prompt")
    .requiredOption("--prompt <template>", 'prompt with one {} where the subject goes, e.g. "Name: {}. Gender:"')
    .requiredOption("--subject <text>", "the subject")
    .requiredOption("--target <text>", "the continuation to write, with its leading space")
    .option("--max-tokens <n>", "length of the completions", "24")
    .option("--dry-run", "only look: tokens, where the subject is looked up, length of the target, kᵀu")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const options = editOptions(flags);
      const request = {
        template: flags.prompt,
        subject: flags.subject,
        target: flags.target,
        maxTokens: wholeNumber(flags.maxTokens, "--max-tokens", 1),
      };
      if (flags.dryRun) refuseGiven(command, unused, "has no meaning with --dry-run, which makes no edit");
      await checkSave(flags.save, [flags.subject]);
      const engine = await engineFor(flags);
      if (flags.dryRun) return look(flags, engine, options);
      const { view, saved } = await withProgress((run) => edit(engine, { ...options, ...request }, run));
      const json = { ...view, delta: numbersOf(saved.delta) };
      print(flags, json, () =>
        [
          `${view.subject} →${view.target}, layer ${view.layer}`,
          `  before  ${JSON.stringify(view.before.completion)}   P(target) ${percent(view.before.probability)}`,
          `  after   ${JSON.stringify(view.after.completion)}   P(target) ${percent(view.after.probability)}`,
          `  loss    ${view.losses.map(({ total }) => total.toFixed(3)).join(" → ")}   ${sparkline(view.losses.map(({ total }) => total))}`,
          `  ‖Δv‖    ${view.deltaNorm.toFixed(2)}, kᵀu ${view.denominator.toFixed(3)}`,
          ...healthText(view.health),
          ...proofText(view.proof),
          ...view.warnings.map((warning) => `  note    ${warning}`),
        ].join("\n"),
      );
      await save(engine, flags.save, [saved]);
    });
}

async function look(flags: Flags, engine: Engine, options: FlipOptions): Promise<void> {
  const { subject, prompt: template, target } = flags;
  const least = options.limits?.denominatorShare ?? defaultLimits.denominatorShare;
  const known = await withProgress((run) => preflight(engine, { ...options, name: subject, template, target }, run));
  const { tokens, subject: place, targets, layer, contexts, covarianceTokens, denominatorShare } = known;
  print(flags, known, () =>
    [
      `${subject} →${target}, layer ${layer}, ${contexts} contexts`,
      `  prompt  ${tokens.map((token, i) => (i === place[1] ? `[${token}]` : token)).join("|")}   (in brackets: the subject's last token, where it is looked up)`,
      `  target  ${targets[0]?.join("|")}   ${targets[0]?.length === 1 ? "1 token" : `${targets[0]?.length} tokens`}`,
      `  key     kᵀu/‖k‖ ${denominatorShare.toFixed(3)}, ${covarianceTokens ? `covariance over ${covarianceTokens} tokens` : "no covariance (rome covariance counts one)"}`,
      ...(place[0] === 0
        ? ["  note    The subject is the first thing the model reads; edits there are known to be unstable."]
        : []),
      ...(denominatorShare < least
        ? [`  note    kᵀu/‖k‖ is below the limit ${least}: this edit would be rolled back.`]
        : []),
    ].join("\n"),
  );
}

/** Little-endian float32 as base64, as numbers. */
function numbersOf(vector: string): number[] {
  const bytes = Uint8Array.from(Buffer.from(vector, "base64"));
  return [...new Float32Array(bytes.buffer)];
}
