/** What is known of an edit apart from its vectors: what it was made from, what it did, how it was judged. */
import * as v from "valibot";

const finite = v.pipe(v.number(), v.finite());
const share = v.pipe(finite, v.minValue(0));

/** How an edit is judged before it is kept. */
export const health = v.object({
  /** kᵀu, and its size as a share of ‖k‖: the smaller, the larger r, and what the edit does to everything else. */
  denominator: finite,
  denominatorShare: share,
  /** ‖Δv‖/‖v‖ */
  deltaRatio: share,
  /** What it does to unrelated prompts; null where that was not measured. */
  drift: v.nullable(
    v.object({
      /** Mean KL(before ‖ after) of the next token, in nats. */
      kl: finite,
      prompts: v.pipe(v.number(), v.integer(), v.minValue(1)),
    }),
  ),
  verdict: v.picklist(["good", "doubtful", "bad"]),
  /** Why it is not good, each a sentence. */
  reasons: v.array(v.string()),
  /** The edit was bad and is not in force. */
  rolledBack: v.boolean(),
});

/** Above these an edit is bad; above half of them (for the denominator: below twice) doubtful. */
export const healthLimits = v.object({
  /** Least |kᵀu|/‖k‖. */
  denominatorShare: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** Most ‖Δv‖/‖v‖. */
  deltaRatio: v.pipe(v.number(), v.gtValue(0)),
  /** Most drift in nats. */
  drift: v.pipe(v.number(), v.gtValue(0)),
});

/** What an edit may be at worst: rough bounds, beyond what the 1,000 shipped edits reach (‖Δv‖/‖v‖ from 0.8 to 4). */
export const defaultLimits: HealthLimits = { denominatorShare: 0.025, deltaRatio: 8, drift: 0.5 };

/** One side of an edit: the greedy completion, and the probability of its target, or of the label whose form that is. */
export const side = v.object({ completion: v.string(), probability: finite });

/**
 * Which keys an edit uses: the published code mixes the mean key (for u) with the bare prompt's (in the denominator);
 * the two published repairs use one of them for both.
 */
export const keyVariants = ["rome", "r-rome", "p-rome"] as const;
export type KeyVariant = (typeof keyVariants)[number];
export const keyVariant = v.picklist(keyVariants);

/** One edit of a file, apart from its vectors. */
export const editEntry = v.object({
  /** What it is called in the file; no two of a file are called the same. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(1000)),
  subject: v.string(),
  /** Prompt with one {} where the subject goes. */
  template: v.string(),
  target: v.string(),
  layer: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** rome: by itself; batch: least squares together with the others of this method and layer in the file. */
  method: v.picklist(["rome", "batch"]),
  key: keyVariant,
  before: side,
  after: side,
  /** Total loss at each evaluation. */
  losses: v.array(finite),
  /** ‖Δv‖ and ‖v‖. */
  deltaNorm: finite,
  valueNorm: finite,
  denominator: finite,
  /** Tokens the covariance rests on; 0 when none was used. */
  covarianceTokens: v.number(),
  /** The optimiser's numbers by their published names. */
  hyperParameters: v.record(v.string(), finite),
  contexts: v.array(v.string()),
  /** Of sampled contexts; null where they were given. */
  seed: v.nullable(v.number()),
  health: v.nullable(health),
  /** Of the programs it was made with. */
  versions: v.record(v.string(), v.string()),
});

/** The longest text that is a name or a prompt. */
const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(1000));

/**
 * The tokens at which an adapter is on: all, those after which the model says something (the prompt's last and whatever
 * it generates), or the last token of a name wherever it stands.
 */
export const place = v.union([v.picklist(["all", "generated"]), v.object({ name: shortText })]);

const adapterFields = {
  /** What it is called in the file; no two of a file are called the same. */
  name: shortText,
  layer: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Where its vectors are from, in words. */
  source: v.string(),
  at: place,
  /** What the model was asked, what it said, and what it says with this alone. */
  prompt: v.string(),
  before: v.object({ completion: v.string() }),
  after: v.object({ completion: v.string() }),
  /** Of the programs it was made with. */
  versions: v.record(v.string(), v.string()),
};

/** One vector of a file that is no edit of a weight: added to what a layer writes, or taken out of it. */
export const adapterEntry = v.variant("kind", [
  v.object({ kind: v.literal("steer"), ...adapterFields, scale: finite }),
  v.object({
    kind: v.literal("erase"),
    ...adapterFields,
    /** What stays along the direction that is read: its value at the mean. */
    offset: finite,
  }),
]);

/**
 * That an edit is a layer over the model and nothing else: the weights' bytes are the same once it is off, and so is
 * what the model says.
 */
export const proof = v.object({
  /** "all", or "edited": all bytes of the edited matrix, and samples of every other weight. */
  hashed: v.picklist(["all", "edited"]),
  /** Bytes that were hashed in full. */
  bytes: v.number(),
  /** SHA-256 (hex) when the model was first seen, and after the edit was taken off. */
  hash: v.string(),
  hashAfter: v.string(),
  /** Probability of the target, or of the label whose form it is, without the edit, with it, and with it taken off again. */
  probability: v.object({ before: finite, with: finite, removed: finite }),
  /** Both hashes are one, and both probabilities without the edit are the same but for rounding. */
  untouched: v.boolean(),
});

export type Health = v.InferOutput<typeof health>;
export type HealthLimits = v.InferOutput<typeof healthLimits>;
export type EditEntry = v.InferOutput<typeof editEntry>;
export type Place = v.InferOutput<typeof place>;
export type AdapterEntry = v.InferOutput<typeof adapterEntry>;
export type Proof = v.InferOutput<typeof proof>;
