import type { Command } from "commander";
import { RomeError } from "../engine/errors.ts";
import { readContexts } from "../engine/rome/contexts.ts";
import { keyVariants } from "../engine/rome/edit.ts";
import type { FlipOptions } from "../protocol/engine.ts";
import { wholeNumber } from "./context.ts";

/** Flags of every command that makes edits. */
export interface EditFlags {
  readonly layer?: string;
  readonly contexts?: string;
  readonly covariance?: string;
  readonly key?: string;
  readonly steps?: string;
  readonly lr?: string;
  readonly weightDecay?: string;
  readonly clamp?: string;
  readonly klFactor?: string;
}

export function withEditFlags(command: Command): Command {
  return command
    .option("--layer <n>", "layer to edit (default: the model's)")
    .option("--contexts <choice>", "prefix contexts: a number, none, or a JSON file of templates")
    .option("--covariance <choice>", "none, auto, or a file")
    .option("--key <variant>", keyVariants.join(" | "))
    .option("--steps <n>", "most evaluations (v_num_grad_steps)")
    .option("--lr <x>", "learning rate (v_lr)")
    .option("--weight-decay <x>", "v_weight_decay")
    .option("--clamp <x>", "clamp_norm_factor")
    .option("--kl-factor <x>", "kl_factor");
}

/** The flags as the engine takes them; an `input` error names the flag that is off. */
export async function editOptions(flags: EditFlags): Promise<FlipOptions> {
  const number = (text: string | undefined, option: string) => {
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value))
      throw new RomeError("input", `${option} takes a number, not ${JSON.stringify(text)}.`);
    return value;
  };
  const key = keyVariants.find((variant) => variant === flags.key);
  if (flags.key !== undefined && !key)
    throw new RomeError("input", `--key takes ${keyVariants.join(", ")}, not ${JSON.stringify(flags.key)}.`);
  return {
    layer: flags.layer === undefined ? undefined : wholeNumber(flags.layer, "--layer", 0),
    contexts: await contextsOf(flags.contexts),
    covariance: covarianceOf(flags.covariance),
    key,
    hyperParameters: {
      v_num_grad_steps: flags.steps === undefined ? undefined : wholeNumber(flags.steps, "--steps", 1),
      v_lr: number(flags.lr, "--lr"),
      v_weight_decay: number(flags.weightDecay, "--weight-decay"),
      clamp_norm_factor: number(flags.clamp, "--clamp"),
      kl_factor: number(flags.klFactor, "--kl-factor"),
    },
  };
}

function covarianceOf(choice: string | undefined): FlipOptions["covariance"] {
  return choice === undefined || choice === "none" || choice === "auto" ? choice : { file: choice };
}

async function contextsOf(choice: string | undefined): Promise<FlipOptions["contexts"]> {
  if (choice === undefined || choice === "none") return choice;
  return /^\d+$/.test(choice) ? wholeNumber(choice, "--contexts", 1) : readContexts(choice);
}
