/** What can be asked of an edit, with the ranges of its numbers: one place for the wire, the forms and the flags. */
import * as v from "valibot";
import { concept } from "./concept.ts";
import { healthLimits, keyVariant } from "./editEntry.ts";

const text = v.pipe(v.string(), v.maxLength(100_000));
const wholeNumber = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const between = ([least, most]: readonly [number, number]) => v.pipe(v.number(), v.minValue(least), v.maxValue(most));
const layerIndex = v.pipe(v.number(), v.integer(), v.minValue(0));

const form = v.pipe(v.string(), v.minLength(1));
/** A label and its written forms; see `Target`. */
export const target = v.object({
  label: v.pipe(v.string(), v.minLength(1)),
  text: form,
  forms: v.optional(v.array(form)),
});

/** Least and most of the numbers an edit takes. */
export const ranges = {
  v_num_grad_steps: [1, 1000],
  v_lr: [1e-4, 10],
  v_weight_decay: [0, 10],
  clamp_norm_factor: [0.01, 100],
  kl_factor: [0, 10],
  /** Sampled prefix contexts, where there are any. */
  contexts: [1, 200],
  /** Length of a completion. */
  maxTokens: [1, 512],
} as const;

/** Numbers of the optimiser by their published names; what is left out comes from the model's own file. */
export const hyperParameters = v.partial(
  v.object({
    v_num_grad_steps: wholeNumber(...ranges.v_num_grad_steps),
    v_lr: between(ranges.v_lr),
    v_weight_decay: between(ranges.v_weight_decay),
    clamp_norm_factor: between(ranges.clamp_norm_factor),
    kl_factor: between(ranges.kl_factor),
    v_loss_layer: layerIndex,
  }),
);

/** Prefix contexts: how many to sample, none, their texts, or a file with them on the engine's machine. */
export const contexts = v.union([
  v.object({ file: text }),
  wholeNumber(...ranges.contexts),
  v.literal("none"),
  v.array(text),
]);

export const maxTokens = wholeNumber(...ranges.maxTokens);

/** What an edit asks for; everything left out is the model's default. */
export const flipOptions = v.object({
  layer: v.optional(layerIndex),
  maxTokens: v.optional(maxTokens),
  hyperParameters: v.optional(hyperParameters),
  contexts: v.optional(contexts),
  /** The model's own, none, or a file on the engine's machine. */
  covariance: v.optional(v.union([v.picklist(["auto", "none"]), v.object({ file: text })])),
  key: v.optional(keyVariant),
  /** What is asked and answered; left out: the engine's own concept. */
  concept: v.optional(concept),
  /** By label the written form an edit aims at; left out: the one that the model writes most. */
  forms: v.optional(v.record(v.string(), form)),
  /** Beyond these an edit is rolled back; what is left out has the engine's own limit. */
  limits: v.optional(v.partial(healthLimits)),
  /** Keep an edit whatever its health. */
  keepBad: v.optional(v.boolean()),
});

/** What edits rest on, whatever they are about. */
export const editBasis = v.pick(flipOptions, ["layer", "hyperParameters", "contexts", "covariance", "key", "forms"]);

/** What a recording of many names is made with; left out: the model's defaults, and all names. */
export const recordOptions = v.object({
  ...editBasis.entries,
  /** So many of the names, each label in its share. */
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export type EditBasis = v.InferOutput<typeof editBasis>;
export type RecordOptions = v.InferOutput<typeof recordOptions>;
export type Target = v.InferOutput<typeof target>;
export type FlipOptions = v.InferOutput<typeof flipOptions>;
