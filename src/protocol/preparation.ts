/** What preparing a model finds: its plan, its steps and their results; kept while it goes on, and shown. */
import * as v from "valibot";
import { hyperParameters } from "./editOptions.ts";
import { layerRow } from "./measurements.ts";
import { rate } from "./results.ts";

/**
 * Where a model's hyper-parameters come from: preparing it here, the `rome.json` in its folder, the paper's authors, or
 * nobody who tried this model (GPT-J's, by depth).
 */
export const origins = ["prepared", "model", "published", "default"] as const;
export type Origin = (typeof origins)[number];

/** In their order; each can be left out. */
export const steps = ["known", "forms", "contexts", "layers", "covariance", "tune"] as const;
export const step = v.picklist(steps);
export type Step = v.InferOutput<typeof step>;

const optimiser = v.required(hyperParameters);

/** Which of a balanced sample of names the model gives the label that the names file gives them. */
export const known = v.object({
  labels: v.array(v.object({ label: v.string(), right: rate })),
  /** Mean over the labels of the share that is right, and the 95 % interval of the share of all. */
  balanced: v.number(),
  interval95: v.tuple([v.number(), v.number()]),
  /** Mean over the names of P(one of the labels). */
  said: v.number(),
  /** Better than guessing, beyond doubt. */
  knows: v.boolean(),
  /** By label, the names that the model gives it rightly; tried by the later steps. */
  names: v.record(v.string(), v.array(v.string())),
});

/** The edits of a few names with one choice of numbers. */
export const trial = v.object({
  pass: v.picklist(["coarse", "fine", "tune", "contexts"]),
  names: v.array(v.string()),
  contexts: v.number(),
  /** Keys were whitened by the layer's covariance. */
  covariance: v.boolean(),
  optimiser,
  row: layerRow,
  /** Edits whose loss fell below the threshold before the steps ran out; mean of the last losses. */
  converged: rate,
  loss: v.number(),
  /** Harmonic mean of success, paraphrase and names left alone (CounterFact's S). */
  score: v.number(),
  seconds: v.number(),
});

/** Mean indirect effect on P of what the model says, of the MLP window around each layer at the name's last token. */
export const tracedLayers = v.object({
  names: v.array(v.string()),
  window: v.number(),
  clean: v.number(),
  corrupted: v.number(),
  effect: v.array(v.number()),
});

export const countedText = v.object({
  layer: v.number(),
  /** 0 where there was no text to count. */
  tokens: v.number(),
  note: v.string(),
});

const writtenForm = v.object({
  label: v.string(),
  aim: v.string(),
  forms: v.array(v.object({ text: v.string(), probability: v.number() })),
});

/** All that is found so far, as it is kept. */
export const findings = v.object({
  known: v.optional(known),
  /** Of each label the form that edits aim at, and how likely the model writes each after the prompt. */
  forms: v.optional(v.array(writtenForm)),
  contexts: v.optional(v.array(v.string())),
  trace: v.optional(tracedLayers),
  trials: v.array(trial),
  covariance: v.optional(countedText),
  /** Steps that have come to their end. */
  ended: v.array(step),
  /** Seconds that each step has taken. */
  seconds: v.record(v.string(), v.number()),
});

/** What a preparation is asked for. */
export const preparationParams = v.object({
  /** Steps to leave out. */
  skip: v.optional(v.array(step)),
  /** Text files for the covariance; left out: the model's own corpus, or else WikiText-2 of the Hub. */
  texts: v.optional(v.array(v.string())),
  /** Forget what earlier calls found. */
  fresh: v.optional(v.boolean()),
});

/** What there is to do, measured on a first batch. */
export const preparationPlan = v.object({
  model: v.string(),
  concept: v.string(),
  steps: v.array(
    v.object({
      step,
      state: v.picklist(["to do", "done", "skipped"]),
      /** What it does, in words. */
      what: v.string(),
      seconds: v.number(),
      bytes: v.number(),
    }),
  ),
  seconds: v.number(),
  bytes: v.number(),
  /** Another concept that the model is prepared for, whose result this one takes the place of. */
  replaces: v.optional(v.string()),
});

/** What a model was prepared with. */
export const preparation = v.object({
  model: v.object({ name: v.string(), fingerprint: v.string() }),
  concept: v.string(),
  prompt: v.string(),
  layer: v.number(),
  /** The layer and numbers without preparation, and where they come from. */
  before: v.object({ layer: v.number(), origin: v.picklist(origins), optimiser }),
  optimiser,
  contexts: v.number(),
  covarianceTokens: v.number(),
  findings,
  /** Why each was chosen, a sentence each. */
  reasons: v.object({ layer: v.string(), covariance: v.string(), optimiser: v.string(), contexts: v.string() }),
  skipped: v.array(step),
  /** The hyper-parameter file that edits of this model use from now on, and the page about it. */
  file: v.string(),
  page: v.string(),
  seconds: v.number(),
});

export type Known = v.InferOutput<typeof known>;
export type WrittenForm = v.InferOutput<typeof writtenForm>;
export type Trial = v.InferOutput<typeof trial>;
export type TracedLayers = v.InferOutput<typeof tracedLayers>;
export type CountedText = v.InferOutput<typeof countedText>;
export type Findings = v.InferOutput<typeof findings>;
export type PreparationPlan = v.InferOutput<typeof preparationPlan>;
export type Preparation = v.InferOutput<typeof preparation>;
export type Optimiser = v.InferOutput<typeof optimiser>;
