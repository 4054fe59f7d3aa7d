/** A flip as the Results view and the lab get it. */
import * as v from "valibot";
import { flipView } from "./results.ts";

/** A flip as the views get it: of each step its loss alone, of the proof what it proved. Some 800 bytes. */
export const shownFlip = v.object({
  ...v.omit(flipView, ["losses", "proof"]).entries,
  /** Total loss at each evaluation. */
  losses: v.array(v.number()),
  /** With the edit off the weights, and what the model says, are what they were. */
  untouched: v.boolean(),
});

/** What is in force of a flip. */
export const standing = v.object({
  /** Completions are made with its edit; null where there is none (yet), or it was rolled back. */
  on: v.nullable(v.boolean()),
  /** Completions are made with another edit of its name. */
  other: v.boolean(),
});

export type Standing = v.InferOutput<typeof standing>;
export type ShownFlip = v.InferOutput<typeof shownFlip>;
