import type { Command } from "commander";
import { requireSavable, saveEdits } from "../engine/tasks/editFiles.ts";
import type { Engine } from "../engine/tasks/engine.ts";
import type { SavedEditData } from "../protocol/edit.ts";
import { defaultLimits, keyVariants } from "../protocol/editEntry.ts";
import type { FlipOptions } from "../protocol/editOptions.ts";
import { RomeError } from "../protocol/errors.ts";
import { collect, finiteNumber, given, oneOf, positiveNumber, wholeNumber } from "./flags.ts";

/** Flags of every command that makes edits. */
export interface EditFlags {
  readonly layer?: string;
  readonly contexts?: string;
  readonly covariance?: string;
  readonly key?: string;
  readonly form?: readonly string[];
  readonly steps?: string;
  readonly lr?: string;
  readonly weightDecay?: string;
  readonly clamp?: string;
  readonly klFactor?: string;
  readonly save?: string;
  readonly maxDrift?: string;
  readonly maxRatio?: string;
  readonly minDenominator?: string;
  readonly keepBad?: boolean;
}

/** Of every command whose edits write a concept's labels. */
export const formFlag = [
  "--form <label=text>",
  "written form of a label to aim at (default: what the model writes most); may be given for each",
  collect,
] as const;

/** Flags of what edits rest on. */
export function withBasisFlags(command: Command): Command {
  return withoutLayerFlag(command.option("--layer <n>", "layer to edit (default: the model's)"));
}

/** The same for a command that goes through the layers by itself. */
export function withoutLayerFlag(command: Command): Command {
  return command
    .option("--contexts <choice>", "prefix contexts: a number, none, or a JSON file of templates")
    .option("--covariance <choice>", "none, auto, or a file")
    .option("--key <variant>", keyVariants.join(" | "))
    .option("--steps <n>", "most evaluations (v_num_grad_steps)")
    .option("--lr <x>", "learning rate (v_lr)")
    .option("--weight-decay <x>", "v_weight_decay")
    .option("--clamp <x>", "clamp_norm_factor")
    .option("--kl-factor <x>", "kl_factor");
}

/** Flags of commands whose edits are judged, and can be kept. */
export function withEditFlags(command: Command): Command {
  return withBasisFlags(command)
    .option("--save <file>", "write the edits into a .romedit file")
    .option("--max-drift <nats>", `roll back above this drift of unrelated prompts (${defaultLimits.drift})`)
    .option("--max-ratio <x>", `roll back above this ‖Δv‖/‖v‖ (${defaultLimits.deltaRatio})`)
    .option("--min-denominator <share>", `roll back below this kᵀu/‖k‖ (${defaultLimits.denominatorShare})`)
    .option("--keep-bad", "never roll back");
}

/** The flags as the engine takes them; an `input` error names the flag that is off. */
export function editOptions(flags: EditFlags): FlipOptions {
  const whole = (text: string | undefined, option: string, least: number) =>
    given(text, (value) => wholeNumber(value, option, least));
  return {
    layer: whole(flags.layer, "--layer", 0),
    contexts: contextsOf(flags.contexts),
    covariance: covarianceOf(flags.covariance),
    key: given(flags.key, (text) => oneOf(text, "--key", keyVariants)),
    forms: flags.form && formsOf(flags.form),
    hyperParameters: {
      v_num_grad_steps: whole(flags.steps, "--steps", 1),
      v_lr: positive(flags.lr, "--lr"),
      v_weight_decay: share(flags.weightDecay, "--weight-decay"),
      clamp_norm_factor: positive(flags.clamp, "--clamp"),
      kl_factor: share(flags.klFactor, "--kl-factor"),
    },
    limits: {
      drift: positive(flags.maxDrift, "--max-drift"),
      deltaRatio: positive(flags.maxRatio, "--max-ratio"),
      denominatorShare: positive(flags.minDenominator, "--min-denominator"),
    },
    keepBad: flags.keepBad,
  };
}

function positive(text: string | undefined, option: string): number | undefined {
  return given(text, (number) => positiveNumber(number, option));
}

/** A factor of the loss: zero leaves its term out. */
function share(text: string | undefined, option: string): number | undefined {
  const value = given(text, (number) => finiteNumber(number, option));
  if (value !== undefined && value < 0) throw new RomeError("input", `${option} takes a number from 0, not ${value}.`);
  return value;
}

/** `male= Male` and the like: a label and its form. */
function formsOf(given: readonly string[]): FlipOptions["forms"] {
  const pairs = given.map((text) => {
    const [, label, form] = /^([^=]+)=(.*\S.*)$/.exec(text) ?? [];
    if (label === undefined || form === undefined)
      throw new RomeError("input", `--form takes label=text, for example "male= Male", not ${JSON.stringify(text)}.`);
    return [label, form] as const;
  });
  const labels = pairs.map(([label]) => label);
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice !== undefined)
    throw new RomeError("input", `--form is given twice for ${JSON.stringify(twice)}. An edit aims at one form.`);
  return Object.fromEntries(pairs);
}

function covarianceOf(choice: string | undefined): FlipOptions["covariance"] {
  return choice === undefined || choice === "none" || choice === "auto" ? choice : { file: choice };
}

function contextsOf(choice: string | undefined): FlipOptions["contexts"] {
  if (choice === undefined || choice === "none") return choice;
  return Number.isNaN(Number(choice)) ? { file: choice } : wholeNumber(choice, "--contexts", 1);
}

/** Before the edits are made: an error where `--save` could not be done. */
export async function checkSave(file: string | undefined, subjects: readonly string[]): Promise<void> {
  if (file !== undefined) await requireSavable(file, subjects);
}

/** Behind the name of a file that was there. */
export const replacing = ", in place of what it held (rome edits combine joins files)";

/** Writes what `--save` asks for, once the result is printed; edits that were rolled back are left out. */
export async function save(engine: Engine, file: string | undefined, made: readonly SavedEditData[]): Promise<void> {
  if (file === undefined) return;
  const edits = made.filter(({ entry }) => !entry.health?.rolledBack);
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  if (edits.length === 0)
    return say(`Nothing was saved: ${made.length === 1 ? "the edit was" : "all edits were"} rolled back.`);
  const { replaced } = await saveEdits(engine, { file, edits });
  say(`Saved ${edits.length === 1 ? "1 edit" : `${edits.length} edits`} in ${file}${replaced ? replacing : ""}.`);
}
