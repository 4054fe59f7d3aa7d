/** An edit as it travels between the processes: its vectors, little-endian float32 as base64, and what a file keeps. */
import * as v from "valibot";
import { editEntry } from "./editEntry.ts";

/** A rank-one change of one layer: y += r (uᵀk). Small enough to travel; the checkpoint is never touched. */
export const edit = v.object({
  layer: v.number(),
  /** Key direction, unit length [m]. */
  u: v.string(),
  /** What is written [d]. */
  r: v.string(),
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

export type EditData = v.InferOutput<typeof edit>;
export type SavedEditData = v.InferOutput<typeof savedEdit>;
