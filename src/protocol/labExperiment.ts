/** The lab's Experiment and Gender vector tabs: the recording, and the vector tried on a name. */
import * as v from "valibot";
import { application } from "./engine.ts";
import { rate } from "./results.ts";
import { failure } from "./viewStatus.ts";

/** A recording under way or ended early. */
export const recording = v.variant("state", [
  v.object({ state: v.literal("none") }),
  v.object({
    state: v.literal("running"),
    /** "record", then "analyze" and "sweep", where done/total count their own units. */
    phase: v.picklist(["record", "analyze", "sweep"]),
    done: v.number(),
    total: v.number(),
    /** Of the edits; null in the other phases. */
    namesPerSecond: v.nullable(v.number()),
    secondsLeft: v.nullable(v.number()),
    /** Newest last, at most five. */
    lastNames: v.array(v.string()),
  }),
  /** Cancelled or failed with this much kept; `record` resumes. */
  v.object({
    state: v.literal("stopped"),
    done: v.number(),
    total: v.number(),
    failure: v.nullable(failure),
  }),
]);

/** The name typed into the Gender vector tab. */
export const vectorTry = v.variant("state", [
  v.object({ state: v.literal("none") }),
  v.object({ state: v.literal("running"), name: v.string(), scale: v.number() }),
  v.object({ state: v.literal("failed"), name: v.string(), scale: v.number(), failure }),
  v.object({ state: v.literal("done"), scale: v.number(), result: application }),
]);

/** What the shipped experiment on a pretrained model came to. */
export const pretrained = v.object({
  /** The model's name. */
  model: v.string(),
  /** Names whose own edit turned them. */
  flipped: rate,
  /** Of the classifier, on names that it did not see. */
  testAccuracy: v.number(),
  /** New names that the vector turned, towards the second label and towards the first. */
  turned: v.tuple([rate, rate]),
});

export type Pretrained = v.InferOutput<typeof pretrained>;
export type Recording = v.InferOutput<typeof recording>;
export type VectorTry = v.InferOutput<typeof vectorTry>;
