/** What every view shows: the status line, and failures in words. */
import * as v from "valibot";

/** A failure in words: what happened, why, what to do. */
export const failure = v.object({ message: v.string() });

/** One line above everything: which model, and how it is. */
export const status = v.object({
  engine: v.picklist(["stopped", "starting", "ready", "busy", "failed"]),
  /** Name of the model, "" before one was ever opened. */
  model: v.string(),
  layer: v.nullable(v.number()),
  /** "cpu", "cuda", … ; "" while unknown. */
  device: v.string(),
  /** Live edits that are switched on. */
  editsOn: v.number(),
  message: v.optional(v.string()),
});

export type Status = v.InferOutput<typeof status>;
