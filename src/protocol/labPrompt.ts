/** The lab's Prompt tab: its form, and what the model says with it. */
import * as v from "valibot";
import { maxTokens } from "./editOptions.ts";
import { places, scaleRange, steered } from "./steer.ts";
import { failure } from "./viewStatus.ts";

/** One concept of the pane: its slider, and whether it is taken out. */
export const labVector = v.object({
  /** A data set's folder or a vector's file; "" for the data set at hand. */
  from: v.string(),
  label: v.string(),
  /** 0: nothing is added. */
  scale: v.pipe(v.number(), v.minValue(scaleRange[0]), v.maxValue(scaleRange[1])),
  erase: v.boolean(),
});

export const labPromptRequest = v.object({
  prompt: v.pipe(v.string(), v.maxLength(100_000)),
  at: v.picklist(places),
  vectors: v.array(labVector),
  /** With the edits that are on, too. */
  edits: v.boolean(),
  maxTokens,
});

/** What became of the form as last run. */
export const labPrompt = v.variant("state", [
  v.object({ state: v.literal("none") }),
  /** What each side says so far. */
  v.object({ state: v.literal("running"), prompt: v.string(), texts: v.tuple([v.string(), v.string()]) }),
  v.object({ state: v.literal("failed"), failure }),
  v.object({ state: v.literal("done"), result: steered, hasVectors: v.boolean() }),
]);

export type LabVector = v.InferOutput<typeof labVector>;
export type LabPromptRequest = v.InferOutput<typeof labPromptRequest>;
export type LabPrompt = v.InferOutput<typeof labPrompt>;
