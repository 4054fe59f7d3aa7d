/**
 * What the extension host asks of the engine process, over JSON-RPC on the IPC channel of `child_process.fork`.
 * One table holds every request with the schemas of its parameters and its result; both sides validate against it, and
 * `EngineApi` is derived from it. The engine keeps no edits and no results: the host owns them and sends what is on, so
 * that a restarted engine has lost nothing.
 */
import * as v from "valibot";
import { attribution, attributionParams } from "./attribution.ts";
import { concept } from "./concept.ts";
import { edit, savedAdapter, savedEdit } from "./edit.ts";
import { keyVariant } from "./editEntry.ts";
import { editComparison, editFile } from "./editFile.ts";
import { flipOptions, hyperParameters, maxTokens, recordOptions } from "./editOptions.ts";
import { reasons } from "./errors.ts";
import { jobsStatus, submitted } from "./jobs.ts";
import { labRefereeRequest } from "./labReferee.ts";
import { lens, lensParams } from "./lens.ts";
import { evaluation, layers, trace } from "./measurements.ts";
import { phrasedCard } from "./phrasedCard.ts";
import { origins, preparation, preparationParams, preparationPlan } from "./preparation.ts";
import { checkIds, constructionNames, refereeCard } from "./referee.ts";
import { completion, flipResult, outcome, report } from "./results.ts";
import { constructions, steerParams, steerResult } from "./steer.ts";

const text = v.pipe(v.string(), v.maxLength(100_000));
const positiveInteger = v.pipe(v.number(), v.integer(), v.minValue(1));
const finite = v.pipe(v.number(), v.finite());

/** Data of a JSON-RPC error response; its message is the text for the user. */
export const errorData = v.object({ reason: v.picklist(reasons) });

/** How far a long request is. `done` of `total` units of `phase`; `total` 0 means unknown. */
export const progress = v.object({
  phase: v.string(),
  done: v.number(),
  total: v.number(),
  detail: v.optional(
    v.object({
      /** Evaluation of the solve that has just ended, from 1, and its loss. */
      step: v.optional(v.number()),
      loss: v.optional(v.number()),
      /** Of a model whose layers are read from its file at each use: the layer that has just ended of the running pass. */
      layer: v.optional(v.number()),
      layers: v.optional(v.number()),
      /** Until the request is done, at most. */
      secondsLeft: v.optional(v.number()),
      /** The names that were last finished. */
      names: v.optional(v.array(v.string())),
      /** Of completions: what each says so far. */
      texts: v.optional(v.array(v.string())),
      /** Of a wait: what it waits for, a sentence. */
      holder: v.optional(v.string()),
    }),
  ),
});

/** What is known of an edit before it is made. */
export const preflight = v.object({
  /** The prompt as the model reads it. */
  tokens: v.array(v.string()),
  /** The subject's first and last token; its key is looked up at the last. */
  subject: v.tuple([v.number(), v.number()]),
  /** Tokens of each target. */
  targets: v.array(v.array(v.string())),
  layer: v.number(),
  contexts: v.number(),
  /** Tokens the covariance rests on; 0 when there is none. */
  covarianceTokens: v.number(),
  /** |kᵀu|/‖k‖ of the edit to come. */
  denominatorShare: v.number(),
});

/** Something wrong in an experiment's files, by its line (from 1). */
export const problem = v.object({
  line: v.number(),
  message: v.string(),
  /** A field of the line, and what it is likely to mean. */
  meant: v.optional(v.object({ from: v.string(), to: v.string() })),
});

/** The open model and the process that runs it. */
export const description = v.object({
  model: v.object({
    name: v.string(),
    folder: v.string(),
    fingerprint: v.string(),
    architecture: v.string(),
    parameters: v.number(),
    width: v.number(),
    layers: v.number(),
    editLayer: v.number(),
    weightType: v.string(),
  }),
  /** What a request that leaves them out gets. */
  defaults: v.object({
    concept,
    contexts: v.number(),
    hyperParameters: v.required(hyperParameters),
    /** Who found the layer and these numbers. */
    origin: v.picklist(origins),
  }),
  runtime: v.object({
    node: v.string(),
    electron: v.boolean(),
    onnxruntime: v.string(),
    device: v.string(),
  }),
  /** Resident memory of the engine process. */
  memoryBytes: v.number(),
  /** A recorded data set of this model is at hand, so that scores and projections are known. */
  hasExperiment: v.boolean(),
});

/** A folder that holds a model, or something that looks like one. */
export const modelEntry = v.object({
  name: v.string(),
  /** What `openModel` takes. */
  folder: v.string(),
  usable: v.boolean(),
  /** Why it cannot be used. */
  reason: v.optional(v.string()),
  bytes: v.number(),
  /** Layer that its hyper-parameter file edits. */
  layer: v.optional(v.number()),
  /** Where that file comes from. */
  origin: v.optional(v.picklist(origins)),
});

/** Which edits an edited model is written with, and where. */
const exportParams = v.object({ files: v.pipe(v.array(text), v.minLength(1)), out: text });

/** An edited model as a folder, or the plan of one. */
const exported = v.object({
  folder: v.string(),
  /** Bytes that are new, and bytes shared with the source by links. */
  written: v.number(),
  linked: v.number(),
});

/** What ±scale·g did to one name. */
export const application = v.object({
  name: v.string(),
  /** Results of earlier versions have none. */
  prompt: v.optional(v.string()),
  /** The label the model gave before. */
  from: v.string(),
  before: outcome,
  after: outcome,
  changed: v.boolean(),
});

/** A recorded name whose Δv points the same way. */
export const neighbour = v.object({ name: v.string(), from: v.string(), cosine: v.number() });

/**
 * Requests that only read may be sent again after the engine died under them. The others are long, and perhaps the
 * cause; the user decides.
 */
const read = <P extends v.GenericSchema, R extends v.GenericSchema>(params: P, result: R) => ({
  params,
  result,
  repeatable: true,
});
const work = <P extends v.GenericSchema, R extends v.GenericSchema>(params: P, result: R) => ({
  params,
  result,
  repeatable: false,
});

const nothing = v.object({});
const edits = v.array(edit);

/** What can compute, by onnxruntime's names of its execution providers. */
export const devices = ["cpu", "cuda", "dml", "coreml", "webgpu"] as const;
export type Device = (typeof devices)[number];

/** Every request the engine answers. */
export const requests = {
  /** First of all, once: what the process is to run with. */
  initialize: read(
    v.object({
      /** Folder of the model to open, or "embedded". Opened on the first request that needs it. */
      model: text,
      /** Data set to take scores, projections and the vector from; left out: the shipped one, if it fits the model. */
      experimentFolder: v.optional(text),
      /** Concept file of what requests are about; left out: gender. */
      conceptFile: v.optional(text),
      /** Its text, where the file may have changed since it was chosen. */
      conceptText: v.optional(v.string()),
      /** The folder that holds models/embedded and data/. */
      assetsFolder: text,
      /** For caches (contexts, covariance); may be removed at any time. */
      storageFolder: text,
      /** Budget of the batches; left out: the engine's own choice. */
      memoryBytes: v.optional(positiveInteger),
      threads: v.optional(positiveInteger),
      /** What computes; left out: the processor. */
      device: v.optional(v.picklist(devices)),
    }),
    nothing,
  ),
  describe: read(nothing, description),
  /** Closes the open model and opens another ("embedded" or a folder), with its data set as in `initialize`. */
  openModel: read(v.object({ folder: text, experimentFolder: v.optional(text) }), description),
  /** The embedded model, what the Hugging Face cache holds, and the given folders: each a model, or models inside. */
  models: read(v.object({ folders: v.array(text) }), v.array(modelEntry)),
  /** What this machine computes, measured for a second or two, without a model. */
  speed: read(
    nothing,
    v.object({
      /** Float operations, in products of matrices with as many rows as a step of an edit has. */
      operationsPerSecond: v.number(),
      /** Of weights, read from memory for a single row: what bounds writing a text. */
      bytesPerSecond: v.number(),
    }),
  ),
  /** Fetches a model of the Hub into the standard cache, resuming what is there. Progress in bytes. */
  download: work(v.object({ repository: text, revision: v.optional(text) }), v.object({ folder: v.string() })),
  /** What preparing the open model would take, measured on a first batch. */
  planPreparation: read(preparationParams, preparationPlan),
  /** Finds what edits of the open model rest on, going on where an earlier call stopped. Progress: parts of a step. */
  prepare: work(preparationParams, preparation),
  /** One edit a name, solved in one batch. Progress: one unit an evaluation, with step and loss (mean of the batch). */
  flip: work(v.object({ names: v.pipe(v.array(text), v.minLength(1)), ...flipOptions.entries }), v.array(flipResult)),
  /** What is known of a flip before it is made. */
  preflight: read(v.object({ name: text, ...flipOptions.entries }), preflight),
  /** Checks the text of a names file or of a concept file. */
  check: read(v.object({ kind: v.picklist(["names", "experiment"]), text: v.string() }), v.array(problem)),
  /**
   * How many names a recording of the concept would have: to record, in all and by label, of which so many each are needed
   * for a classifier; to try the vector on; of other labels.
   */
  countNames: read(
    v.object({ namesFile: v.optional(text) }),
    v.object({
      recorded: v.number(),
      labels: v.array(v.object({ label: v.string(), count: v.number() })),
      needed: v.number(),
      fresh: v.number(),
      others: v.number(),
    }),
  ),
  /** Reads a `.romedit` file, and tells whether it fits the open model. */
  readEdits: read(v.object({ file: text }), editFile),
  /** Writes edits of the open model into a `.romedit` file. */
  saveEdits: work(v.object({ file: text, edits: v.pipe(v.array(savedEdit), v.minLength(1)) }), nothing),
  /** Writes the open model with the edits of `.romedit` files in its weights, as a Hugging Face folder. */
  exportModel: work(exportParams, exported),
  /** What it is going to write; fails as it would. */
  planExport: read(exportParams, exported),
  /** Sets two `.romedit` files side by side. */
  compareEdits: read(v.object({ files: v.tuple([text, text]) }), editComparison),
  /**
   * How likely the model with these edits on gives each of these answers; one without a leading space is taken with it
   * where the model, without edits, writes it so.
   */
  answers: read(
    v.object({ prompt: text, texts: v.pipe(v.array(text), v.minLength(1)), edits }),
    v.array(v.object({ text: v.string(), probability: v.number() })),
  ),
  /** Greedy completion with these edits on. */
  complete: read(
    v.object({
      prompt: text,
      maxTokens,
      topK: v.pipe(positiveInteger, v.maxValue(100)),
      edits,
    }),
    completion,
  ),
  /** Continues a prompt twice, as the model is and with vectors added or taken out. Progress: tokens, with the texts so far. */
  steer: read(steerParams, steerResult),
  /** Writes vectors as a `.romedit` file. */
  saveVectors: read(v.object({ file: text, vectors: v.array(savedAdapter) }), nothing),
  /** Adds scale·g (signed) to what the edit layer writes for each name. */
  apply: read(
    v.object({
      names: v.pipe(v.array(text), v.minLength(1)),
      scale: finite,
      construction: v.optional(v.picklist(constructions)),
    }),
    v.array(application),
  ),
  /** Tries what the vector at hand is worth; goes on where an earlier call stopped. Progress: its parts. */
  refereeAtHand: work(labRefereeRequest, phrasedCard),
  /** Edits that write scale·g: with this sign, else with the one that changes each name. */
  vectorEdits: work(
    v.object({
      names: v.pipe(v.array(text), v.minLength(1)),
      /** Above 0. */
      scale: v.pipe(finite, v.gtValue(0)),
      sign: v.optional(v.picklist([1, -1])),
      maxTokens: v.optional(maxTokens),
    }),
    v.array(v.object({ view: application, scale: finite, edit })),
  ),
  /** Recorded names whose Δv has the largest cosine with what the edit writes. */
  nearest: read(v.object({ edit, count: v.pipe(positiveInteger, v.maxValue(100)) }), v.array(neighbour)),
  /** Records one edit a name into a data set; goes on where an earlier call stopped. Cancelling keeps what is done. */
  record: work(
    v.object({
      namesFile: v.optional(text),
      folder: text,
      seed: v.optional(v.number()),
      /** Only this part of it: every count-th batch. */
      shard: v.optional(v.object({ index: positiveInteger, count: positiveInteger })),
      ...recordOptions.entries,
    }),
    v.object({ recorded: v.number(), total: v.number() }),
  ),
  /** Submits the whole experiment to Slurm in so many shards, with these flags of sbatch; again: what is missing of it. */
  submitExperiment: read(
    v.object({
      model: text,
      namesFile: v.optional(text),
      folder: text,
      shards: positiveInteger,
      flags: v.array(text),
      ...recordOptions.entries,
    }),
    submitted,
  ),
  /** How far what was submitted from a folder is. */
  jobs: read(v.object({ folder: text }), jobsStatus),
  /** Ends it; what is recorded stays. */
  cancelJobs: read(v.object({ folder: text }), jobsStatus),
  /** Classifier, vector and figures of a data set, written into it as report.json; `transfer` is empty until the request of that name. */
  analyze: work(v.object({ folder: text }), report),
  /** Applies the vector, its controls and a sweep of scales to new names; the report with `transfer` filled in. */
  transfer: work(v.object({ folder: text }), report),
  /** Tries what the direction of a data set is worth, and keeps the card in its folder. Progress: parts of each check. */
  referee: work(
    v.object({
      folder: text,
      /** Left out: sign(w). */
      vector: v.optional(v.picklist(constructionNames)),
      /** Left out: all of them. */
      only: v.optional(v.pipe(v.array(v.picklist(checkIds)), v.minLength(1))),
    }),
    refereeCard,
  ),
  /**
   * Causal tracing of the names in a prompt, each by itself, averaged. Left out: the concept's prompt, what the model
   * says of each name, `usualWindow`, 10 samples, seed 0. Progress: layers run, with the names finished last.
   */
  trace: read(
    v.object({
      names: v.pipe(v.array(text), v.minLength(1), v.maxLength(1000)),
      concept: v.optional(concept),
      target: v.optional(text),
      window: v.optional(v.pipe(positiveInteger, v.maxValue(1000))),
      samples: v.optional(v.pipe(positiveInteger, v.maxValue(1000))),
      seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    }),
    trace,
  ),
  /** What each layer would say of a prompt, before and after edits. Progress: layers. */
  lens: read(lensParams, lens),
  /** What each part adds to the difference of two logits at a prompt's last token, before and after edits. Progress: layers. */
  attribute: read(attributionParams, attribution),
  /** The same edits made at every layer. Progress: layers. */
  layers: work(
    v.object({
      names: v.pipe(v.array(text), v.minLength(1), v.maxLength(1000)),
      seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
      ...flipOptions.entries,
    }),
    layers,
  ),
  /** CounterFact's measures of each name's edit, by kind of key, and of the vector by scale. Progress: ways of editing. */
  evaluate: work(
    v.object({
      names: v.pipe(v.array(text), v.minLength(1), v.maxLength(1000)),
      keys: v.optional(v.array(keyVariant)),
      scales: v.optional(v.array(finite)),
      seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
      ...flipOptions.entries,
    }),
    evaluation,
  ),
} satisfies Record<string, { params: v.GenericSchema; result: v.GenericSchema; repeatable: boolean }>;

/** Notifications of the engine. */
export const notifications = {
  /** Once a second while the event loop turns. */
  heartbeat: v.object({ memoryBytes: v.number() }),
  /** Progress of the request with this token. */
  progress: v.object({ token: v.number(), progress }),
  /** A line for the log. */
  log: v.object({ level: v.picklist(["debug", "info", "warn", "error"]), message: v.string() }),
} satisfies Record<string, v.GenericSchema>;

/** What goes over the wire as the parameters of a request: progress notifications come back with its token. */
export const envelope = v.object({ token: v.number(), params: v.unknown() });

/** Milliseconds between heartbeats. */
export const heartbeatInterval = 1000;

export type Method = keyof typeof requests;
export type Params<M extends Method> = v.InferOutput<(typeof requests)[M]["params"]>;
export type Result<M extends Method> = v.InferOutput<(typeof requests)[M]["result"]>;
export type NotificationName = keyof typeof notifications;
export type NotificationParams<N extends NotificationName> = v.InferOutput<(typeof notifications)[N]>;
export type Progress = v.InferOutput<typeof progress>;
export type Description = v.InferOutput<typeof description>;
export type Preflight = v.InferOutput<typeof preflight>;
export type Problem = v.InferOutput<typeof problem>;
export type ModelEntry = v.InferOutput<typeof modelEntry>;
export type Application = v.InferOutput<typeof application>;
export type Neighbour = v.InferOutput<typeof neighbour>;
export type EngineOptions = Params<"initialize">;

/** What every request gets beside its parameters. */
export interface Call {
  /** Aborted when the caller gives up; the request then throws a `cancelled` error. */
  signal: AbortSignal;
  progress: (progress: Progress) => void;
}

/** The engine itself: `apiOf` in src/engine/server/api.ts. */
export type EngineApi = {
  [M in Exclude<Method, "initialize">]: (params: Params<M>, call: Call) => Promise<Result<M>>;
};
