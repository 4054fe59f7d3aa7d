/**
 * What a `.romedit` file holds: one edit or a set, with what each was made from and what it did. The vectors travel as
 * base64 between the processes and as tensors in the file.
 */
import * as v from "valibot";
import { savedAdapter, savedEdit } from "./edit.ts";

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
  edits: v.array(v.union([savedAdapter, savedEdit])),
});

const pairOf = <S extends v.GenericSchema>(schema: S) => v.tuple([schema, schema]);
const finite = v.pipe(v.number(), v.finite());

/** Two edit files side by side: edits of one name, or the only edit of each. In every pair the first file's comes first. */
export const editComparison = v.object({
  pairs: v.array(
    v.object({
      names: pairOf(v.string()),
      layers: pairOf(v.number()),
      /** Cosine of the two Δv; null where one of them is zero. */
      deltaCosine: v.nullable(finite),
      /** Cosine of the two updates r uᵀ as matrices; null where they change different layers, or one is zero. */
      updateCosine: v.nullable(finite),
      /** ‖Δv‖ */
      deltaNorms: pairOf(finite),
      /** ‖r uᵀ‖ */
      updateNorms: pairOf(finite),
    }),
  ),
  /** Edits that only one of the files has. */
  only: pairOf(v.array(v.string())),
  /** What the models differ in that the files were made for. */
  differences: v.array(v.string()),
});

export type EditComparison = v.InferOutput<typeof editComparison>;
export type ModelIdentity = v.InferOutput<typeof modelIdentity>;
export type EditFile = v.InferOutput<typeof editFile>;
