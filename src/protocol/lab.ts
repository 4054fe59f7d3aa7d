/** Messages between the extension host and the lab, as those of resultsView.ts. */
import * as v from "valibot";
import { attribution } from "./attribution.ts";
import { recordOptions } from "./editOptions.ts";
import { description, preflight } from "./engine.ts";
import { exportIntent } from "./exports.ts";
import { pretrained, recording, vectorTry } from "./labExperiment.ts";
import { labRequest, labRun, note } from "./labFlip.ts";
import { labAttributionRequest, labLensRequest } from "./labInside.ts";
import { labSpecificityRequest, labTraceRequest, measured } from "./labMeasurements.ts";
import { labPrompt, labPromptRequest } from "./labPrompt.ts";
import { labRefereeRequest } from "./labReferee.ts";
import { lens } from "./lens.ts";
import { evaluation, layers, trace } from "./measurements.ts";
import { phrasedCard } from "./phrasedCard.ts";
import { constructionNames } from "./referee.ts";
import { report } from "./results.ts";
import { status } from "./viewStatus.ts";

const id = v.string();

export const labTab = v.picklist([
  "flip",
  "experiment",
  "vector",
  "trace",
  "lens",
  "attribution",
  "specificity",
  "prompt",
  "referee",
]);

/** Pages of docs/ that come with the extension and that tabs lead to. */
export const explainedPage = v.picklist(["lens", "steering"]);

/** Host → lab. */
export const labMessage = v.variant("type", [
  /** Everything but the large results, which follow by themselves. */
  v.object({
    type: v.literal("state"),
    status,
    /** Null until the engine has answered. */
    model: v.nullable(v.omit(description, ["memoryBytes"])),
    /** Length of completions where the form leaves it out. */
    maxTokens: v.number(),
    run: labRun,
    /** About the form as last sent by `edit`. */
    notes: v.array(note),
    /** How the model reads the form's prompt; null until it is known. */
    preflight: v.nullable(preflight),
    namesFile: v.object({ label: v.string(), names: v.number() }),
    recording,
    vectorTry,
  }),
  // Large, hence on `ready` and when they changed.
  v.object({ type: v.literal("trace"), trace: measured(trace) }),
  v.object({ type: v.literal("lens"), lens: measured(lens) }),
  v.object({ type: v.literal("attribution"), attribution: measured(attribution) }),
  v.object({ type: v.literal("evaluation"), evaluation: measured(evaluation) }),
  v.object({ type: v.literal("layers"), layers: measured(layers) }),
  v.object({ type: v.literal("prompt"), prompt: labPrompt }),
  v.object({ type: v.literal("referee"), referee: measured(phrasedCard) }),
  /** A vector that the user chose, for the Prompt tab. */
  v.object({ type: v.literal("vector"), from: v.string(), label: v.string() }),
  /** The open model's report; null when there is none. */
  v.object({
    type: v.literal("report"),
    report: v.nullable(report),
    /** Where it comes from: with the extension, or recorded here. */
    source: v.nullable(v.picklist(["shipped", "recorded"])),
    /** Null where none came with the extension. */
    pretrained: v.nullable(pretrained),
  }),
  /** Change to a tab; a name fills the form, or selects its point. */
  v.object({ type: v.literal("show"), tab: labTab, name: v.optional(v.string()) }),
  /** The form is to hold this request ("open in the lab" of a card). */
  v.object({ type: v.literal("fill"), request: labRequest }),
  /** These names are selected elsewhere (the names file); empty for none. */
  v.object({ type: v.literal("select"), names: v.array(v.string()) }),
]);

/** Lab → host. */
export const labIntent = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  /** The form changed (debounced); the answer is `notes` in the state. */
  v.object({ type: v.literal("edit"), request: labRequest }),
  v.object({ type: v.literal("run"), request: labRequest }),
  v.object({ type: v.literal("toggle"), id, on: v.boolean() }),
  /** Stops what runs: the flip, the recording (keeping what is done), the try or a measurement. */
  v.object({
    type: v.literal("cancel"),
    what: v.picklist(["run", "record", "try", "trace", "lens", "attribution", "specificity", "prompt", "referee"]),
  }),
  /** Ask for a names file by dialog. */
  v.object({ type: v.literal("chooseNames") }),
  /** Start, or go on with, the recording; analysis and sweep follow by themselves. */
  v.object({ type: v.literal("record"), options: recordOptions }),
  /** Removes what a stopped recording has kept. */
  v.object({ type: v.literal("removeStopped") }),
  /** Set the shipped experiment on a pretrained model beside the open report. */
  v.object({ type: v.literal("comparePretrained") }),
  /** Back to the shipped report; the recorded files stay. */
  v.object({ type: v.literal("discardRecording") }),
  v.object({
    type: v.literal("tryName"),
    name: v.string(),
    scale: v.number(),
    /** How its vector is made; left out: sign(w). */
    construction: v.optional(v.picklist(constructionNames)),
  }),
  v.object({ type: v.literal("trace"), request: labTraceRequest }),
  /** What each layer would say of a prompt; a newer one ends an older one. */
  v.object({ type: v.literal("lens"), request: labLensRequest }),
  v.object({ type: v.literal("attribute"), request: labAttributionRequest }),
  v.object({ type: v.literal("evaluate"), request: labSpecificityRequest }),
  /** The same edits at every layer. */
  v.object({ type: v.literal("layers"), request: labSpecificityRequest }),
  v.object({ type: v.literal("prompt"), request: labPromptRequest }),
  /** Start, or go on with, the trial of the vector. */
  v.object({ type: v.literal("referee"), request: labRefereeRequest }),
  /** Ask for a data set or a vector's file by dialog; the answer is `vector`. */
  v.object({ type: v.literal("addVector") }),
  /** Save the vectors of the prompt's last result by dialog. */
  v.object({ type: v.literal("saveVectors") }),
  ...exportIntent.options,
  /** Reveal the name's line in the names file, and its card if it has one. */
  v.object({ type: v.literal("revealName"), name: v.string() }),
  /** Flip this name and show its card. */
  v.object({ type: v.literal("flipName"), name: v.string() }),
  v.object({ type: v.literal("copy"), text: v.string() }),
  /** Show what the figures mean; of some tabs the page about them. */
  v.object({ type: v.literal("explain"), page: v.optional(explainedPage) }),
  v.object({ type: v.literal("showLog") }),
]);

export type ExplainedPage = v.InferOutput<typeof explainedPage>;
export type LabTab = v.InferOutput<typeof labTab>;
export type LabMessage = v.InferOutput<typeof labMessage>;
export type LabIntent = v.InferOutput<typeof labIntent>;
