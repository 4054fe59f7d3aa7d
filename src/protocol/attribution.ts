/** Direct logit attribution: what the parts of a model add to the difference of two logits at a prompt's last token. */
import * as v from "valibot";
import { edit } from "./edit.ts";

/** One layer's shares, in logits of A − B. */
export const layerShares = v.object({
  /** The heads' shares and the bias. */
  attention: v.number(),
  mlp: v.number(),
  heads: v.array(v.number()),
  /** Of attention's output matrix. */
  bias: v.number(),
  /** Each head's share by the token that it was brought from [heads][tokens]. */
  from: v.array(v.array(v.number())),
});

/** One run's shares: embedding + Σ attention + Σ mlp + rest = difference. */
export const shares = v.object({
  /** logit(A) − logit(B). */
  difference: v.number(),
  embedding: v.number(),
  layers: v.array(layerShares),
  /** The final norm's and the head's biases. */
  rest: v.number(),
});

/** How a head divides its attention: row i is what token i looks at, and sums to 1. */
const lookingAt = v.array(v.array(v.number()));

const target = v.object({ text: v.string(), token: v.string() });

export const attribution = v.object({
  model: v.object({ name: v.string(), fingerprint: v.string() }),
  prompt: v.string(),
  /** The prompt's tokens as text. */
  tokens: v.array(v.string()),
  /** A and B: the first token of each counts. */
  targets: v.tuple([target, target]),
  ...shares.entries,
  /** With the edits that are on; left out where none is. */
  after: v.optional(shares),
  /** The pattern of the head that was asked for. */
  pattern: v.optional(
    v.object({ layer: v.number(), head: v.number(), before: lookingAt, after: v.optional(lookingAt) }),
  ),
  warnings: v.array(v.string()),
  seconds: v.number(),
});

const place = v.pipe(v.number(), v.integer(), v.minValue(0));
const word = v.pipe(v.string(), v.maxLength(1000));

export const attributionParams = v.object({
  prompt: v.pipe(v.string(), v.maxLength(100_000)),
  /** A and B, with their leading spaces; left out: the concept's two targets. */
  targets: v.optional(v.tuple([word, word])),
  /** The head whose pattern is wanted. */
  pattern: v.optional(v.object({ layer: place, head: place })),
  edits: v.optional(v.array(edit)),
});

export type LayerShares = v.InferOutput<typeof layerShares>;
export type Shares = v.InferOutput<typeof shares>;
export type Attribution = v.InferOutput<typeof attribution>;
export type AttributionParams = v.InferOutput<typeof attributionParams>;
