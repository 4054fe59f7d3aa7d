/** The lens: what each layer of a model would say, were it the last. */
import * as v from "valibot";
import { edit } from "./edit.ts";

/**
 * How a layer's stream becomes words: "logit" meets the model's own final norm and head as it is, "jacobian" once it is
 * carried to the last layer by the mean Jacobian.
 */
export const lensKinds = ["logit", "jacobian"] as const;

/** What the cells of a grid show: the likeliest word, the rank of the one that is followed, entropy, KL to the output. */
export const lensViews = ["words", "rank", "entropy", "kl"] as const;

/** What a Jacobian lens rests on. */
export const lensFit = v.object({
  /** The text it was fitted over, and its fingerprint. */
  text: v.string(),
  corpus: v.string(),
  /** Vector-Jacobian products summed, one a token. */
  tokens: v.number(),
  /** Tokens of the text that they are of: fewer, where it was gone through several times. */
  distinct: v.number(),
  /** Directions of the last stream along which they were summed, of so many components. */
  rank: v.number(),
  width: v.number(),
  /**
   * Against exact products on `tokens` of the text that were kept out of it, by layer but the last, as a share of their
   * length: of their mean, and of each token's own. Left out where the text has too few documents to keep one out.
   */
  error: v.optional(v.object({ tokens: v.number(), mean: v.array(v.number()), token: v.array(v.number()) })),
});

/** What the stream of one token after one layer says of the next token. Probabilities are over the whole head. */
export const lensCell = v.object({
  /** The likeliest of the tokenizer's tokens, first the likeliest. */
  top: v.array(v.object({ token: v.string(), probability: v.number() })),
  /** Of the distribution, in nats. */
  entropy: v.number(),
  /** KL(final ‖ here), in nats: what the model's own output has that this layer has not yet. */
  klToFinal: v.number(),
  /** Of the word that was asked for: its place among the tokenizer's tokens, from 1, and its probability. */
  word: v.optional(v.object({ rank: v.number(), probability: v.number() })),
});

/** What edits changed in a cell: KL(after ‖ before) in nats, and how the word's probability moved. */
export const lensChange = v.object({ kl: v.number(), probability: v.optional(v.number()) });

/** By layer and token; layer l is the stream after block l. */
const grid = <S extends v.GenericSchema>(cell: S) => v.array(v.array(cell));

export const lens = v.object({
  model: v.object({ name: v.string(), fingerprint: v.string() }),
  prompt: v.string(),
  kind: v.picklist(lensKinds),
  /** Of the Jacobian lens. */
  fit: v.optional(lensFit),
  /** The prompt's tokens as text. */
  tokens: v.array(v.string()),
  /** The word that ranks and probabilities are of: its first token. */
  word: v.optional(v.object({ text: v.string(), token: v.string() })),
  /** The model as it is. */
  cells: grid(lensCell),
  /** The model with the edits that are on, and the difference; left out where none is. */
  after: v.optional(grid(lensCell)),
  change: v.optional(grid(lensChange)),
  warnings: v.array(v.string()),
  seconds: v.number(),
});

export const lensParams = v.object({
  prompt: v.pipe(v.string(), v.maxLength(100_000)),
  /** Left out: "logit". */
  kind: v.optional(v.picklist(lensKinds)),
  /** Words a cell lists; left out: 5. */
  topK: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  /** The word to follow, with its leading space. */
  word: v.optional(v.pipe(v.string(), v.maxLength(1000))),
  edits: v.optional(v.array(edit)),
});

export type LensView = (typeof lensViews)[number];
export type LensFit = v.InferOutput<typeof lensFit>;
export type LensCell = v.InferOutput<typeof lensCell>;
export type LensChange = v.InferOutput<typeof lensChange>;
export type Lens = v.InferOutput<typeof lens>;
export type LensParams = v.InferOutput<typeof lensParams>;
