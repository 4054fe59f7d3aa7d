/** The lab's Flip tab: its form, the notes about it, its run. */
import * as v from "valibot";
import { flipOptions, target } from "./editOptions.ts";
import { progress } from "./engine.ts";
import { stepLoss } from "./results.ts";
import { shownFlip, standing } from "./shownFlip.ts";
import { failure } from "./viewStatus.ts";

/** The form of the Flip tab. */
export const labRequest = v.object({
  name: v.string(),
  /** With one {} where the name goes. */
  template: v.string(),
  targets: v.tuple([target, target]),
  ...v.required(v.omit(flipOptions, ["concept", "maxTokens", "contexts", "forms", "limits", "keepBad"])).entries,
  forms: flipOptions.entries.forms,
  /** How many sampled prefix contexts; 0 for none. */
  contexts: v.number(),
  /** Length of the completions; null for the setting's. */
  maxTokens: v.nullable(v.number()),
});

/** A pre-flight note, to stand beside the field it is about. */
export const note = v.object({
  field: v.picklist(["name", "template", "targets", "layer", "contexts", "optimizer"]),
  severity: v.picklist(["info", "warning", "error"]),
  message: v.string(),
});

/** The Flip tab's run. `losses` grows while it runs (total and step only are known until it is done). */
export const labRun = v.variant("state", [
  v.object({ state: v.literal("idle") }),
  v.object({
    state: v.literal("running"),
    request: labRequest,
    progress: v.nullable(progress),
    /** Total loss by evaluation so far. */
    losses: v.array(v.number()),
  }),
  v.object({ state: v.literal("failed"), request: labRequest, failure }),
  v.object({
    state: v.literal("done"),
    request: labRequest,
    result: shownFlip,
    losses: v.array(stepLoss),
    /** Card of the results view that holds it. */
    id: v.string(),
    ...standing.entries,
  }),
]);

export type LabRequest = v.InferOutput<typeof labRequest>;
export type Note = v.InferOutput<typeof note>;
export type LabRun = v.InferOutput<typeof labRun>;
