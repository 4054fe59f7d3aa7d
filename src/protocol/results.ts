/**
 * What the engine answers, as plain JSON: the same shapes on the command line (`--json`), between the processes and in
 * the files of a data set. Each is a schema; its type is inferred from it, so that the two cannot drift apart.
 */
import * as v from "valibot";
import { byLabel } from "./byLabel.ts";
import { savedEdit } from "./edit.ts";
import { health, proof } from "./editEntry.ts";

const label = v.string();
/** Probability of each label over the whole head, summed over its written forms, as a fraction. Keys are labels ("female", "male"). */
export const probabilities = byLabel;

/** Which model figures are of: what it is called, and its fingerprint. */
const model = v.object({ name: v.string(), fingerprint: v.string() });

/** Loss at one evaluation of the solve (Meng et al. 2022, eq. 4, plus the decay of the published code). */
export const stepLoss = v.object({
  total: v.number(),
  nll: v.number(),
  kl: v.number(),
  decay: v.number(),
  /** Mean probability of the target over the contexts. */
  probability: v.number(),
});

/** One side (before or after) of an edit. */
export const outcome = v.object({
  /** Greedy continuation of the prompt, without the prompt. */
  completion: v.string(),
  probability: probabilities,
});

/** What a flip did, without a vector: what the command line prints and the views are made from. */
export const flipView = v.object({
  /** Which model the figures are of; absent in older results. */
  model: v.optional(model),
  name: v.string(),
  prompt: v.string(),
  /** The label the model gave before, and the one asked for. */
  from: label,
  to: label,
  /** The written form of `to` that the edit aims at; absent in older results. */
  form: v.optional(v.string()),
  before: outcome,
  after: outcome,
  /** The likelier label, and the first word of the completion (in any form), are now the other one. */
  flipped: v.boolean(),
  /** One entry an evaluation, in order. */
  losses: v.array(stepLoss),
  converged: v.boolean(),
  layer: v.number(),
  /** ‖Δv‖ and ‖v‖. */
  deltaNorm: v.number(),
  valueNorm: v.number(),
  /** How many times ‖v‖ the solve let ‖Δv‖ be at most; absent in older results. */
  clamp: v.optional(v.number()),
  /** kᵀu: near zero the edit blows up. */
  denominator: v.number(),
  /** Tokens the covariance rests on; 0 when none was used. */
  covarianceTokens: v.number(),
  warnings: v.array(v.string()),
  /** Classifier logit on Δv and Δvᵀg/‖g‖, from the recorded data of this model; null without any of its concept and layer. */
  score: v.nullable(v.number()),
  projection: v.nullable(v.number()),
  seconds: v.number(),
  health,
  proof,
});

/** The answer to "flip this name": what it did, and the edit itself as the host and a file keep it. */
export const flipResult = v.object({ view: flipView, saved: savedEdit });

/** A greedy completion with the likeliest next tokens. */
export const completion = v.object({
  /** Which model the figures are of; absent in older results. */
  model: v.optional(model),
  prompt: v.string(),
  completion: v.string(),
  next: v.array(v.object({ token: v.string(), logProb: v.number() })),
});

/** One recorded edit: a line of records.jsonl. */
export const editRecord = v.object({
  /** Row in deltas.safetensors and position in the names file. */
  index: v.number(),
  name: v.string(),
  /** Label in the names file. */
  expected: label,
  /** Label the model gave, and the one the edit writes. */
  from: label,
  to: label,
  before: probabilities,
  after: probabilities,
  losses: v.array(v.number()),
  converged: v.boolean(),
  flipped: v.boolean(),
  deltaNorm: v.number(),
  valueNorm: v.number(),
});

/** A share: so many of so many; its 95 % interval where it was asked of single names, but not in older reports. */
export const rate = v.object({
  count: v.number(),
  total: v.number(),
  interval95: v.optional(v.tuple([v.number(), v.number()])),
});

/** What one sign of a vector did: names that changed to the other label as they should, names of that label that stayed. */
const effect = v.object({ changed: rate, stayed: rate });
/** +scale is to change names of the first label and leave those of the second; −scale the mirror image. */
const directions = v.object({ plus: effect, minus: effect });

/** What one vector at one scale did to names outside the data. */
export const transferRow = v.object({
  /** The concept's own vector, or a control. */
  vector: v.picklist(["concept", "random", "meanDifference"]),
  /** Seed of a random vector. */
  seed: v.optional(v.number()),
  scale: v.number(),
  ...directions.entries,
  /** The same, judged by the first word of the greedy completion; absent where completions were not made. */
  byFirstWord: v.optional(directions),
  /** Names of further labels (other cities): those that the vector, or its opposite, dragged to its target. */
  others: v.optional(v.object({ plus: rate, minus: rate })),
  failures: v.array(v.object({ name: v.string(), sign: v.picklist([1, -1]), completion: v.string() })),
});

/** A recorded edit as the views show it. */
export const point = v.object({
  name: v.string(),
  from: label,
  to: label,
  split: v.picklist(["train", "test"]),
  score: v.number(),
  projection: v.number(),
  deltaNorm: v.number(),
  pca: v.tuple([v.number(), v.number(), v.number()]),
  evaluations: v.number(),
  flipped: v.boolean(),
  before: probabilities,
  after: probabilities,
});

/** report.json of an experiment. */
export const report = v.object({
  concept: v.object({ name: v.string(), prompt: v.string(), labels: v.tuple([label, label]) }),
  model,
  layer: v.number(),
  prompt: v.string(),
  seed: v.number(),
  split: v.object({ train: v.number(), test: v.number() }),
  recorded: v.object({
    total: v.number(),
    flipped: v.number(),
    meanEvaluations: v.number(),
    unexpected: v.array(v.object({ name: v.string(), expected: label, from: label })),
    failures: v.array(v.string()),
  }),
  classifier: v.object({
    regularization: v.number(),
    testAccuracy: v.number(),
    interval95: v.tuple([v.number(), v.number()]),
    /** Mean of the two labels' accuracies, ½ for one answer to everything; absent in older reports. */
    balancedAccuracy: v.optional(v.object({ value: v.number(), interval95: v.tuple([v.number(), v.number()]) })),
    /** Mean test accuracy, and its range, over several draws of `train` training edits. */
    learningCurve: v.array(
      v.object({
        train: v.number(),
        accuracy: v.number(),
        low: v.optional(v.number()),
        high: v.optional(v.number()),
      }),
    ),
    /** Accuracy where nothing can be learned: mean, and the range that holds 95 % of the shuffles. */
    shuffledLabels: v.object({
      mean: v.number(),
      low: v.number(),
      high: v.number(),
      shuffles: v.optional(v.number()),
    }),
    onValues: v.nullable(v.object({ testAccuracy: v.number() })),
  }),
  pca: v.object({ explainedVariance: v.array(v.number()) }),
  vector: v.object({
    norm: v.number(),
    meanDeltaNorm: v.number(),
    cosineToMeanDifference: v.number(),
    cosineToWeights: v.number(),
    /** Spread of the projections of the recorded Δv's. */
    projectionDeviation: v.number(),
    largest: v.array(v.object({ component: v.number(), weight: v.number() })),
    /** Best scale of the sweep; null before `apply` has been run. */
    scale: v.nullable(v.number()),
  }),
  transfer: v.array(transferRow),
  /**
   * What the scale was chosen by: the concept's vector on the other half of the new names. Absent in older reports, which
   * chose it on the names of `transfer` themselves.
   */
  validation: v.optional(v.array(transferRow)),
  points: v.array(point),
});

export type Probabilities = v.InferOutput<typeof probabilities>;
export type StepLoss = v.InferOutput<typeof stepLoss>;
export type Outcome = v.InferOutput<typeof outcome>;
export type FlipView = v.InferOutput<typeof flipView>;
export type FlipResult = v.InferOutput<typeof flipResult>;
export type Completion = v.InferOutput<typeof completion>;
export type EditRecord = v.InferOutput<typeof editRecord>;
export type Rate = v.InferOutput<typeof rate>;
export type Directions = v.InferOutput<typeof directions>;
export type TransferRow = v.InferOutput<typeof transferRow>;
export type Point = v.InferOutput<typeof point>;
export type Report = v.InferOutput<typeof report>;
