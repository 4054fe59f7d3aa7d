import { join } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import type { Origin } from "../../protocol/preparation.ts";
import { issueText } from "../../text/schemaIssue.ts";
import { cacheOf } from "../checkpoint/fingerprint.ts";
import type { Checkpoint } from "../checkpoint/openCheckpoint.ts";
import { readText } from "../files/readText.ts";
import gptJ from "./hyperParameters/EleutherAI_gpt-j-6B.json" with { type: "json" };
import gpt2Large from "./hyperParameters/gpt2-large.json" with { type: "json" };
import gpt2Medium from "./hyperParameters/gpt2-medium.json" with { type: "json" };
import gpt2Xl from "./hyperParameters/gpt2-xl.json" with { type: "json" };

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const notNegative = v.pipe(v.number(), v.finite(), v.minValue(0));

/** ROME's hyper-parameters, by the names of the published files; what else such a file holds is ignored. */
const schema = v.object({
  layers: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.length(1)),
  fact_token: v.literal("subject_last"),
  v_num_grad_steps: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
  v_lr: positive,
  v_loss_layer: v.pipe(v.number(), v.integer()),
  v_weight_decay: notNegative,
  clamp_norm_factor: positive,
  kl_factor: notNegative,
  mom2_adjustment: v.boolean(),
  context_template_length_params: v.array(v.tuple([v.pipe(v.number(), v.integer(), v.minValue(1)), notNegative])),
});
export type HyperParameters = v.InferOutput<typeof schema>;

/** Published files of models that carry none themselves, with what tells the model. */
const published = [
  { matches: { model_type: "gptj", n_embd: 4096, n_layer: 28 }, file: gptJ },
  { matches: { model_type: "gpt2", n_embd: 1024, n_layer: 24 }, file: gpt2Medium },
  { matches: { model_type: "gpt2", n_embd: 1280, n_layer: 36 }, file: gpt2Large },
  { matches: { model_type: "gpt2", n_embd: 1600, n_layer: 48 }, file: gpt2Xl },
] as const;

/** Where the numbers that were found for a model by preparing it here are kept. */
export function preparedFile(storage: string, fingerprint: string): string {
  return join(cacheOf(storage, fingerprint), "rome.json");
}

/**
 * The model's hyper-parameters: those it was prepared with here, else `rome.json` in its folder, else the published ones
 * of that model, else GPT-J's values with the layer at the same relative depth.
 *
 * @param storage the program's storage; left out: as if the model were not prepared
 * @returns also the name of the concept it was prepared for, where it was
 * @throws RomeError "input" that names the file which cannot be used
 */
export async function hyperParametersFor(
  { config, folder, fingerprint }: Checkpoint,
  layers: number,
  storage?: string,
): Promise<{ hyperParameters: HyperParameters; origin: Origin; concept?: string }> {
  const read = (path: string) => readText(path).catch(() => undefined);
  const place = storage === undefined ? undefined : preparedFile(storage, fingerprint);
  const prepared = place && (await read(place));
  if (prepared) return { ...checkPrepared(place, prepared, layers), origin: "prepared" };
  const own = await read(join(folder, "rome.json"));
  const known = published.find(({ matches }) => Object.entries(matches).every(([key, value]) => config[key] === value));
  const depth = Math.min(Math.round((5 / 28) * layers), layers - 2);
  const fallback = { ...gptJ, layers: [Math.max(0, depth)], v_loss_layer: layers - 1 };
  const chosen = own === undefined ? (known?.file ?? fallback) : parse(own);
  const origin = own !== undefined ? "model" : known ? "published" : "default";
  return { hyperParameters: checkHyperParameters(chosen, layers), origin };
}

/** The numbers of the optimiser alone, by their published names: what a user sees and changes. */
export function optimiserOf(parameters: HyperParameters) {
  const { v_num_grad_steps, v_lr, v_weight_decay, clamp_norm_factor, kl_factor, v_loss_layer } = parameters;
  return { v_num_grad_steps, v_lr, v_weight_decay, clamp_norm_factor, kl_factor, v_loss_layer };
}

/** Prefix contexts of an edit, the bare prompt among them. */
export function contextCount({ context_template_length_params }: HyperParameters): number {
  return 1 + context_template_length_params.reduce((sum, [, count]) => sum + count, 0);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RomeError("input", "rome.json in the model's folder is not JSON.");
  }
}

const preparedFor = v.object({ prepared: v.object({ concept: v.string() }) });

function checkPrepared(path: string, text: string, layers: number) {
  try {
    const values = JSON.parse(text);
    const { success, output } = v.safeParse(preparedFor, values);
    const concept = success ? output.prepared.concept : undefined;
    return { hyperParameters: checkHyperParameters(values, layers), concept };
  } catch (cause) {
    const why = RomeError.is(cause) ? cause.message : "It is not JSON.";
    throw new RomeError("input", `${path} is damaged. ${why} Delete it, or prepare the model again.`, { cause });
  }
}

/** Validates hyper-parameters for a model of so many layers; the error names each field that is wrong. */
export function checkHyperParameters(values: unknown, layers: number): HyperParameters {
  const result = v.safeParse(schema, values);
  if (!result.success) {
    const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issueText(issue)}`);
    throw new RomeError("input", `These hyper-parameters cannot be used. ${problems.join("; ")}.`);
  }
  const { output } = result;
  const layer = output.layers[0] as number;
  if (layer > layers - 1)
    throw new RomeError("input", `Layer ${layer} cannot be edited: this model has layers 0 to ${layers - 1}.`);
  if (output.v_loss_layer !== layers - 1)
    throw new RomeError(
      "input",
      `v_loss_layer is ${output.v_loss_layer}; only the last layer, ${layers - 1}, is supported.`,
    );
  return output;
}
