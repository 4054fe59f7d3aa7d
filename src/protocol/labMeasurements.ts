/** The lab's Causal trace and Specificity tabs: their forms, and what became of a measurement. */
import * as v from "valibot";
import { progress } from "./engine.ts";
import { failure } from "./viewStatus.ts";

const wholeNumber = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** Which names a measurement of the lab is of. */
export const labNames = v.object({
  /** One name by itself, or the mean over names of the names file. */
  of: v.picklist(["name", "average"]),
  name: v.string(),
  /** Names to average over. */
  count: wholeNumber(1, 1000),
});

/** The form of the Causal trace tab. */
export const labTraceRequest = v.object({
  ...labNames.entries,
  /** Layers restored together for MLP and attention; null for the engine's default. */
  window: v.nullable(wholeNumber(1, 1000)),
  /** Draws of the noise. */
  samples: wholeNumber(1, 1000),
  /** Continuation whose first token is followed; "" for what the model says of each name. */
  target: v.string(),
});

/** The form of the Specificity tab. */
export const labSpecificityRequest = v.object({
  ...labNames.entries,
  /** The same edits with every kind of key, and the recorded vector where there is one, side by side. */
  compare: v.boolean(),
});

/** A measurement of the lab, with its latest result. */
export const measured = <T extends v.GenericSchema>(result: T) =>
  v.variant("state", [
    v.object({ state: v.literal("none") }),
    v.object({ state: v.literal("running"), names: v.number(), progress: v.nullable(progress) }),
    v.object({ state: v.literal("failed"), failure }),
    v.object({ state: v.literal("done"), result }),
  ]);

export type LabNames = v.InferOutput<typeof labNames>;
export type LabTraceRequest = v.InferOutput<typeof labTraceRequest>;
export type LabSpecificityRequest = v.InferOutput<typeof labSpecificityRequest>;
export type LabMeasured<T> = v.InferOutput<ReturnType<typeof measured<v.GenericSchema<T>>>>;
