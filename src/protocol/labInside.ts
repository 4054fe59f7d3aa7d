/** The lab's Lens and Attribution tabs: their forms. */
import * as v from "valibot";
import { lensKinds } from "./lens.ts";

const prompt = v.pipe(v.string(), v.maxLength(10_000));
const word = v.pipe(v.string(), v.maxLength(1000));
const place = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The form of the Lens tab. */
export const labLensRequest = v.object({
  prompt,
  /** Word to follow, with its leading space; "" for none. */
  word,
  kind: v.picklist(lensKinds),
});

/** The form of the Attribution tab; empty targets stand for the concept's own. */
export const labAttributionRequest = v.object({
  prompt,
  targets: v.tuple([word, word]),
  /** The head whose pattern is shown. */
  pattern: v.nullable(v.object({ layer: place, head: place })),
});

export type LabLensRequest = v.InferOutput<typeof labLensRequest>;
export type LabAttributionRequest = v.InferOutput<typeof labAttributionRequest>;
