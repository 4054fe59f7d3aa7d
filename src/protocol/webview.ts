/**
 * Messages between the extension host and its two webviews, one union a direction. The host owns results, edits and
 * runs and sends complete snapshots; a view sends intents and keeps nothing but selection and layout. Both sides
 * validate what comes in: `v.safeParse(resultsMessage, event.data)`.
 *
 * The page the host serves: `<main id="app">` in the body, dist/results.js or dist/lab.js, the .css beside it, and
 * `<meta name="l10n" content="…">` with the translations as JSON (English text → translation; {} in English), which
 * `config({ contents })` of @vscode/l10n takes.
 */
import * as v from "valibot";
import { flipOptions, target } from "./editOptions.ts";
import { application, description, neighbour, preflight, progress } from "./engine.ts";
import { evaluation, layers, trace } from "./measurements.ts";
import { completion, flipView, report, stepLoss } from "./results.ts";

const id = v.string();

const wholeNumber = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** A PNG file in base64, known by the eight bytes it begins with; 20 MB at most. */
const pngBase64 = v.pipe(v.string(), v.maxLength(28_000_000), v.regex(/^iVBORw0KGgo[A-Za-z0-9+/]*={0,2}$/));

/** A failure in words: what happened, why, what to do. */
export const failure = v.object({ message: v.string() });

/** One line above everything: which model, and how it is. */
export const status = v.object({
  engine: v.picklist(["stopped", "starting", "ready", "busy", "failed"]),
  /** Name of the model, "" before one was ever opened. */
  model: v.string(),
  layer: v.nullable(v.number()),
  /** "cpu", "cuda", … ; "" while unknown. */
  device: v.string(),
  /** Live edits that are switched on. */
  editsOn: v.number(),
  message: v.optional(v.string()),
});

// ---------------------------------------------------------------------------------------------------------- results

/** A flip as the views get it: of each step its loss alone, of the proof what it proved. Some 800 bytes. */
export const shownFlip = v.object({
  ...v.omit(flipView, ["losses", "proof"]).entries,
  /** Total loss at each evaluation. */
  losses: v.array(v.number()),
  /** With the edit off the weights, and what the model says, are what they were. */
  untouched: v.boolean(),
});

/** What a card says while it runs, when it failed, and when it is done. */
const cardState = <T extends v.GenericSchema>(result: T) =>
  v.variant("state", [
    v.object({
      state: v.literal("running"),
      progress: v.nullable(progress),
    }),
    v.object({ state: v.literal("failed"), failure }),
    v.object({ state: v.literal("done"), result }),
  ]);

const common = {
  id,
  /** Milliseconds since 1970. */
  created: v.number(),
};

/** A name that was (or is being) flipped. */
export const flipCard = v.object({
  ...common,
  kind: v.literal("flip"),
  name: v.string(),
  body: cardState(shownFlip),
  /** The edit is live: completions are made with it. */
  on: v.boolean(),
  /** Recorded names with the nearest Δv, once asked for. */
  nearest: v.nullable(v.array(neighbour)),
});
/** A prompt that was completed. */
export const completionCard = v.object({
  ...common,
  kind: v.literal("completion"),
  prompt: v.string(),
  /** Names whose edits were on. */
  edits: v.array(v.string()),
  body: cardState(completion),
});
/** A name to which ±scale·g was applied. */
export const applicationCard = v.object({
  ...common,
  kind: v.literal("application"),
  name: v.string(),
  /** Signed. */
  scale: v.number(),
  body: cardState(application),
});
export const card = v.variant("kind", [flipCard, completionCard, applicationCard]);

/** Host → results view. */
export const resultsMessage = v.variant("type", [
  /** Everything the view shows, newest card first. */
  v.object({ type: v.literal("state"), status, cards: v.array(card) }),
  /** Unfold this card and bring it into sight; focus it if the view has the focus. */
  v.object({ type: v.literal("reveal"), id }),
]);

/** Results view → host. */
export const resultsIntent = v.variant("type", [
  /** The script runs; send the state. */
  v.object({ type: v.literal("ready") }),
  /** The empty state's first step: ask for a name. */
  v.object({ type: v.literal("flip") }),
  /** The same request again, as a new card. */
  v.object({ type: v.literal("again"), id }),
  v.object({ type: v.literal("cancel"), id }),
  v.object({ type: v.literal("toggle"), id, on: v.boolean() }),
  v.object({ type: v.literal("undoAll") }),
  v.object({ type: v.literal("openLab"), id }),
  v.object({ type: v.literal("nearest"), id }),
  v.object({ type: v.literal("copy"), id, format: v.picklist(["json", "markdown"]) }),
  v.object({ type: v.literal("remove"), id }),
  v.object({ type: v.literal("clear") }),
  /** Open the names file at this name. */
  v.object({ type: v.literal("revealName"), name: v.string() }),
  v.object({ type: v.literal("showLog") }),
]);

// -------------------------------------------------------------------------------------------------------------- lab

export const labTab = v.picklist(["flip", "experiment", "vector", "trace", "specificity"]);

/** The form of the Flip tab. */
export const labRequest = v.object({
  name: v.string(),
  /** With one {} where the name goes. */
  template: v.string(),
  targets: v.tuple([target, target]),
  ...v.required(v.omit(flipOptions, ["concept", "maxTokens", "contexts", "limits", "keepBad"])).entries,
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
    /** Card of the results view that holds it, and whether its edit is on. */
    id,
    on: v.boolean(),
  }),
]);

/** A recording under way or ended early. */
export const recording = v.variant("state", [
  v.object({ state: v.literal("none") }),
  v.object({
    state: v.literal("running"),
    /** "record", then "analyze" and "sweep", where done/total count their own units. */
    phase: v.picklist(["record", "analyze", "sweep"]),
    done: v.number(),
    total: v.number(),
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
const measured = <T extends v.GenericSchema>(result: T) =>
  v.variant("state", [
    v.object({ state: v.literal("none") }),
    v.object({ state: v.literal("running"), names: v.number(), progress: v.nullable(progress) }),
    v.object({ state: v.literal("failed"), failure }),
    v.object({ state: v.literal("done"), result }),
  ]);

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
  v.object({ type: v.literal("evaluation"), evaluation: measured(evaluation) }),
  v.object({ type: v.literal("layers"), layers: measured(layers) }),
  /** The open model's report; null when there is none. */
  v.object({
    type: v.literal("report"),
    report: v.nullable(report),
    /** Where it comes from: with the extension, or recorded here. */
    source: v.nullable(v.picklist(["shipped", "recorded"])),
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
  v.object({ type: v.literal("cancel"), what: v.picklist(["run", "record", "try", "trace", "specificity"]) }),
  /** Ask for a names file by dialog. */
  v.object({ type: v.literal("chooseNames") }),
  /** Start, or go on with, the recording; analysis and sweep follow by themselves. */
  v.object({ type: v.literal("record") }),
  /** Back to the shipped report; the recorded files stay. */
  v.object({ type: v.literal("discardRecording") }),
  v.object({ type: v.literal("tryName"), name: v.string(), scale: v.number() }),
  /** Save this CSV (the table as filtered and sorted) by dialog. */
  v.object({ type: v.literal("exportCsv"), csv: v.string(), suggestedName: v.string() }),
  v.object({ type: v.literal("trace"), request: labTraceRequest }),
  v.object({ type: v.literal("evaluate"), request: labSpecificityRequest }),
  /** The same edits at every layer. */
  v.object({ type: v.literal("layers"), request: labSpecificityRequest }),
  /** Save this picture by dialog. */
  v.object({ type: v.literal("exportPng"), png: pngBase64, suggestedName: v.string() }),
  /** Reveal the name's line in the names file, and its card if it has one. */
  v.object({ type: v.literal("revealName"), name: v.string() }),
  /** Flip this name and show its card. */
  v.object({ type: v.literal("flipName"), name: v.string() }),
  v.object({ type: v.literal("copy"), text: v.string() }),
  v.object({ type: v.literal("showLog") }),
]);

export type Status = v.InferOutput<typeof status>;
export type ShownFlip = v.InferOutput<typeof shownFlip>;
export type FlipCard = v.InferOutput<typeof flipCard>;
export type CompletionCard = v.InferOutput<typeof completionCard>;
export type ApplicationCard = v.InferOutput<typeof applicationCard>;
export type Card = v.InferOutput<typeof card>;
export type ResultsMessage = v.InferOutput<typeof resultsMessage>;
export type ResultsIntent = v.InferOutput<typeof resultsIntent>;
export type LabTab = v.InferOutput<typeof labTab>;
export type LabRequest = v.InferOutput<typeof labRequest>;
export type Note = v.InferOutput<typeof note>;
export type LabRun = v.InferOutput<typeof labRun>;
export type Recording = v.InferOutput<typeof recording>;
export type VectorTry = v.InferOutput<typeof vectorTry>;
export type LabNames = v.InferOutput<typeof labNames>;
export type LabTraceRequest = v.InferOutput<typeof labTraceRequest>;
export type LabSpecificityRequest = v.InferOutput<typeof labSpecificityRequest>;
export type LabMeasured<T> = v.InferOutput<ReturnType<typeof measured<v.GenericSchema<T>>>>;
export type LabMessage = v.InferOutput<typeof labMessage>;
export type LabIntent = v.InferOutput<typeof labIntent>;
