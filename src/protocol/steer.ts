/** What can be asked of vectors that are added or taken out, and what comes back: one place for the wire, the pane and the flags. */
import * as v from "valibot";
import { edit, savedAdapter } from "./edit.ts";
import { proof } from "./editEntry.ts";
import { maxTokens } from "./editOptions.ts";
import { constructionNames } from "./referee.ts";

const text = v.pipe(v.string(), v.maxLength(100_000));
const finite = v.pipe(v.number(), v.finite());

/** How a data set's vector is made, all as long; "mean" and "classifier" are older names of meanDifference and weights. */
export const constructions = [...constructionNames, "mean", "classifier"] as const;
/** The tokens at which a vector is on; "name" is the last token of the prompt's name. */
export const places = ["name", "all", "generated"] as const;
/** Least and most of a scale; 1 is the length √d. */
export const scaleRange = [-20, 20] as const;

const where = {
  /** A data set's folder, or a file of one vector (.npy, .safetensors); left out: the data set at hand. */
  from: v.optional(text),
  /** Left out: the data set's, or of a file the model's. */
  layer: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Left out: at the name, where the prompt has one, else at all tokens. */
  at: v.optional(v.picklist(places)),
};

/** A vector to add, or, by LEACE from a data set's v and labels or by plain projection of a file's vector, to take out. */
export const adapterRequest = v.variant("kind", [
  v.object({
    kind: v.literal("steer"),
    ...where,
    construction: v.optional(v.picklist(constructions)),
    scale: v.pipe(finite, v.minValue(scaleRange[0]), v.maxValue(scaleRange[1])),
  }),
  v.object({ kind: v.literal("erase"), ...where }),
]);

export const steerParams = v.object({
  prompt: v.pipe(text, v.minLength(1)),
  /** The name in it; left out: what stands there as in the concept's prompt. */
  name: v.optional(text),
  adapters: v.array(adapterRequest),
  /** What is on beside them. */
  edits: v.array(edit),
  maxTokens,
  /** Take everything off again and prove that the model is as before. */
  prove: v.optional(v.boolean()),
});

/** A token of the changed completion, and what the model would say in its place without any of it. */
const steeredToken = v.object({
  text: v.string(),
  /** Its probability with the vectors and without. */
  probability: finite,
  without: finite,
  /** The likeliest token without. */
  instead: v.string(),
});

/** What the model says as it is and changed. */
export const steered = v.object({
  prompt: v.string(),
  before: v.object({ completion: v.string() }),
  after: v.object({ completion: v.string(), tokens: v.array(steeredToken) }),
  proof: v.nullable(proof),
  /** The word whose probabilities the proof tells. */
  target: v.optional(v.string()),
});

/** With the vectors as a file keeps them. */
export const steerResult = v.object({ view: steered, saved: v.array(savedAdapter) });

export type Construction = (typeof constructions)[number];
export type AdapterRequest = v.InferOutput<typeof adapterRequest>;
export type SteerParams = v.InferOutput<typeof steerParams>;
export type Steered = v.InferOutput<typeof steered>;
export type SteerResult = v.InferOutput<typeof steerResult>;
