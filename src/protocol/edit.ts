/** An edit as it travels between the processes: its vectors, little-endian float32 as base64, and what a file keeps. */
import * as v from "valibot";
import { adapterEntry, editEntry, place } from "./editEntry.ts";

/**
 * A change of what one layer's MLP writes: y += (uᵀx + constant) r. Small enough to travel; the checkpoint is never
 * touched.
 */
export const edit = v.object({
  layer: v.number(),
  /** Of an edit the key's direction, unit length [m]; of an erasure [d]; empty where a vector is added whatever x is. */
  u: v.string(),
  /** What is written [d]. */
  r: v.string(),
  /** What x is; left out: the key. */
  reads: v.optional(v.literal("output")),
  /** Left out: 0. */
  constant: v.optional(v.pipe(v.number(), v.finite())),
  /** Left out: at all tokens. */
  at: v.optional(place),
});

/** An edit with all that a file keeps of it. The host keeps it, too; a webview never gets it. */
export const savedEdit = v.object({
  entry: editEntry,
  edit,
  /** Δv [d]. */
  delta: v.string(),
  /** Key of the bare prompt [m], of the edits of a batch: what taking one out of it needs. */
  key: v.optional(v.string()),
});

/** A vector that is added or taken out, with all that a file keeps of it. */
export const savedAdapter = v.object({ entry: adapterEntry, edit });

export type SavedAdapterData = v.InferOutput<typeof savedAdapter>;
export type EditData = v.InferOutput<typeof edit>;
export type SavedEditData = v.InferOutput<typeof savedEdit>;
