/**
 * What a `.romedit` file holds: one edit or a set, with what each was made from and what it did. The vectors travel as
 * base64 between the processes and as tensors in the file.
 */
import * as v from "valibot";
import { editEntry } from "./editEntry.ts";
import { edit } from "./results.ts";

/** An edit with its vectors, little-endian float32 as base64. */
export const savedEdit = v.object({
  entry: editEntry,
  edit,
  /** Δv [d]. */
  delta: v.string(),
  /** Key of the bare prompt [m], of the edits of a batch: what taking one out of it needs. */
  key: v.optional(v.string()),
});

/** Which model edits were made for. */
export const modelIdentity = v.object({
  name: v.string(),
  fingerprint: v.string(),
  architecture: v.string(),
  layers: v.number(),
  width: v.number(),
  inner: v.number(),
});

/** A `.romedit` file as it was read. */
export const editFile = v.object({
  file: v.string(),
  model: modelIdentity,
  /** What the open model differs in; empty where the edits can be applied to it. */
  differences: v.array(v.string()),
  edits: v.array(savedEdit),
});

export type SavedEditData = v.InferOutput<typeof savedEdit>;
export type ModelIdentity = v.InferOutput<typeof modelIdentity>;
export type EditFile = v.InferOutput<typeof editFile>;
