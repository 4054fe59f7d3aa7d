/**
 * What is measured of a model and of edits, as plain JSON: causal traces, the sweep over layers, the evaluation. The
 * same shapes on the command line (`--json`), between the processes and in files.
 */
import * as v from "valibot";
import { keyVariant } from "./editEntry.ts";
import { rate } from "./results.ts";

const model = v.object({ name: v.string(), fingerprint: v.string() });
/** Scores in [0, 1] and magnitudes in [−1, 1]. */
const score = v.object({ score: v.number(), magnitude: v.number() });
const beforeAfter = <S extends v.GenericSchema>(side: S) => v.object({ before: side, after: side });

/** What a causal trace restores from the clean run: the residual stream after a block, or a part's output. */
export const traceKinds = ["hidden", "mlp", "attention"] as const;

/** Layers restored together for mlp and attention by Meng et al., in models of 28 and 48 layers. */
export const publishedWindow = 10;

/** The same where nothing is said of it: the published window would cover a model of few layers whole. */
export const usualWindow = (layers: number): number => (layers < 2 * publishedWindow ? 1 : publishedWindow);

/** One kind's numbers, [tokens][layers]. */
export const traceGrid = v.object({
  /** p(target) with that place restored, mean over samples and subjects. */
  probability: v.array(v.array(v.number())),
  /** Average indirect effect (AIE): mean of p(target) restored − corrupted. */
  effect: v.array(v.array(v.number())),
});

/** A row of the grids: a token of the prompt, or, over several subjects, a place in it. */
export const tracePlace = v.object({
  /** The token as text; where subjects differ, what it is ("last subject token"). */
  text: v.string(),
  role: v.picklist(["before", "first", "middle", "last", "after"]),
  /** Subjects that have such a token. */
  subjects: v.number(),
});

/** Causal tracing (Meng et al. 2022, section 2), for one subject or averaged over several. */
export const trace = v.object({
  model,
  /** Prompt with {} where the subject goes. */
  template: v.string(),
  layers: v.number(),
  /** The layer that this model's edits use. */
  editLayer: v.number(),
  /** Layers restored together for mlp and attention, around each. */
  window: v.number(),
  samples: v.number(),
  seed: v.number(),
  /** Standard deviation of the noise: 3σ of the token embeddings. */
  noise: v.number(),
  subjects: v.array(
    v.object({
      subject: v.string(),
      target: v.string(),
      /** The target's first token, whose probability is followed, with those of the label's other forms. */
      token: v.string(),
      clean: v.number(),
      corrupted: v.number(),
    }),
  ),
  /** Means over the subjects of p(target). */
  clean: v.number(),
  corrupted: v.number(),
  places: v.array(tracePlace),
  hidden: traceGrid,
  mlp: traceGrid,
  attention: traceGrid,
  warnings: v.array(v.string()),
  seconds: v.number(),
});

/** What edits at one layer do. */
export const layerRow = v.object({
  layer: v.number(),
  /** Edits after which the target is likelier than what the model said before. */
  success: rate,
  /** Mean P(target) − P(before's) after the edit, CounterFact's efficacy magnitude. */
  magnitude: v.number(),
  /** Means over the edits of ‖Δv‖, ‖v‖, their ratio, the evaluations of the solve, and |kᵀu| / ‖k‖. */
  deltaNorm: v.number(),
  valueNorm: v.number(),
  deltaToValue: v.number(),
  evaluations: v.number(),
  denominator: v.number(),
  /** The same subjects asked in other words. */
  paraphrase: rate,
  /** Other names, over all edits, whose label an edit changed; mean |ΔP| of their labels. */
  damage: rate,
  damageProbability: v.number(),
  /** Mean KL(before ‖ after) of the next token on unrelated prompts, in nats. */
  divergence: v.number(),
});

/** The sweep over layers: the same edits made at each. */
export const layers = v.object({
  model,
  prompt: v.string(),
  /** The layer that this model's edits use. */
  editLayer: v.number(),
  names: v.array(v.string()),
  key: keyVariant,
  contexts: v.number(),
  rows: v.array(layerRow),
  seconds: v.number(),
});

/** One fact of a subject before and after: the first word of what the model says. */
const factChange = v.object({
  fact: v.string(),
  before: v.string(),
  after: v.string(),
  kept: v.boolean(),
});

/** One edited name in an evaluation. */
export const evaluatedEdit = v.object({
  name: v.string(),
  from: v.string(),
  to: v.string(),
  efficacy: beforeAfter(score),
  paraphrase: beforeAfter(score),
  neighbourhood: beforeAfter(score),
  /** Weighted 2- and 3-gram entropy of the generations, in bits. */
  fluency: beforeAfter(v.number()),
  /** tf-idf cosine of the generations with those of names that have the new label; null where there are none. */
  consistency: v.nullable(beforeAfter(v.number())),
  /** KL(before ‖ after) on unrelated prompts, mean; perplexity of the fixed text after. */
  divergence: v.number(),
  perplexity: v.number(),
  /** kᵀu and ‖r‖ of the edit, ‖Δv‖. */
  denominator: v.number(),
  updateNorm: v.number(),
  deltaNorm: v.number(),
  facts: v.array(factChange),
  generations: v.array(v.object({ prompt: v.string(), before: v.string(), after: v.string() })),
});

/** One way of editing, measured over all names. CounterFact's names and formulas (Meng et al. 2022, section 3.4). */
export const evaluationRun = v.object({
  /** Each name's own edit with this key, or ±scale·g with it. */
  kind: v.picklist(["edit", "vector"]),
  key: keyVariant,
  scale: v.nullable(v.number()),
  edits: v.number(),
  /** P(new) > P(old) by mean log-probability of their tokens, and P(new) − P(old): at the edited prompt… */
  efficacy: beforeAfter(score),
  /** …in other words… */
  paraphrase: beforeAfter(score),
  /** …and P(old) > P(new), P(old) − P(new), for other names that have the old label. */
  neighbourhood: beforeAfter(score),
  /** Harmonic mean of the three scores, CounterFact's S. */
  score: beforeAfter(v.number()),
  fluency: beforeAfter(v.number()),
  consistency: v.nullable(beforeAfter(v.number())),
  perplexity: beforeAfter(v.number()),
  divergence: v.number(),
  /** Mean of |kᵀu| / ‖k‖ and of ‖r‖. */
  denominator: v.number(),
  updateNorm: v.number(),
  /** Facts that stay what they were: of the edited names and of their neighbours. */
  facts: v.array(v.object({ fact: v.string(), own: rate, neighbours: rate })),
  /** Neighbours that an edit changed most, with what they were and became. */
  worst: v.array(
    v.object({ edited: v.string(), name: v.string(), fact: v.string(), before: v.string(), after: v.string() }),
  ),
  each: v.array(evaluatedEdit),
});

export const evaluation = v.object({
  model,
  concept: v.object({ name: v.string(), prompt: v.string(), labels: v.tuple([v.string(), v.string()]) }),
  layer: v.number(),
  seed: v.number(),
  /** What was asked: other words for the edited fact, further facts, starts of generations, unrelated prompts. */
  suite: v.object({
    paraphrases: v.array(v.string()),
    facts: v.array(v.object({ fact: v.string(), template: v.string() })),
    generations: v.array(v.string()),
    unrelated: v.number(),
    neighbours: v.number(),
  }),
  runs: v.array(evaluationRun),
  seconds: v.number(),
});

export type TraceKind = (typeof traceKinds)[number];
export type TraceGrid = v.InferOutput<typeof traceGrid>;
export type TracePlace = v.InferOutput<typeof tracePlace>;
export type Trace = v.InferOutput<typeof trace>;
export type LayerRow = v.InferOutput<typeof layerRow>;
export type Layers = v.InferOutput<typeof layers>;
export type EvaluatedEdit = v.InferOutput<typeof evaluatedEdit>;
export type EvaluationRun = v.InferOutput<typeof evaluationRun>;
export type Evaluation = v.InferOutput<typeof evaluation>;
