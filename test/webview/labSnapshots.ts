/** Synthetic snapshots for the lab; shaped like a real experiment, made for looking at. Never shipped. */
import { keyVariants } from "../../src/protocol/editEntry.ts";
import type { LabMessage, LabTab } from "../../src/protocol/lab.ts";
import type { Pretrained } from "../../src/protocol/labExperiment.ts";
import type { Point, Rate, Report, TransferRow } from "../../src/protocol/results.ts";
import type { Steered } from "../../src/protocol/steer.ts";
import { attribution, attributionEdited, lens, lensEdited, lensJacobian } from "./insideSnapshots.ts";
import { evaluation, layers, trace } from "./measurementSnapshots.ts";
import { card } from "./refereeSnapshots.ts";
import { flip, losses, status } from "./resultsSnapshots.ts";

/** The same numbers each time (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let r = Math.imul(a ^ (a >>> 15), 1 | a);
    r = (r + Math.imul(r ^ (r >>> 7), 61 | r)) ^ r;
    return ((r ^ (r >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = seeded(7);
const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());

const stems = [
  "An",
  "Be",
  "Ca",
  "Da",
  "El",
  "Fi",
  "Ga",
  "Ha",
  "Is",
  "Jo",
  "Ka",
  "Le",
  "Ma",
  "Ni",
  "Ol",
  "Pa",
  "Ro",
  "Sa",
  "Te",
  "Vi",
];
const ends = [
  "na",
  "n",
  "rla",
  "vid",
  "sa",
  "ona",
  "by",
  "nnah",
  "abel",
  "seph",
  "rin",
  "on",
  "rk",
  "cole",
  "iver",
  "ul",
  "bert",
  "rah",
  "resa",
  "ktor",
];

function point(i: number): Point {
  const name = `${stems[i % 20]}${ends[Math.floor(i / 20) % 20]}${i >= 400 ? `-${stems[(i * 7) % 20]}` : ""}${i >= 800 ? "o" : ""}`;
  const from = random() < 0.5 ? "female" : "male";
  const to = from === "male" ? "female" : "male";
  const sign = from === "female" ? 1 : -1;
  const strength = random() < 0.006 ? -0.5 : 5 + 1.6 * normal();
  const after = 0.9 + 0.0999 * random();
  const flipped = random() > 0.004;
  return {
    name,
    from,
    to,
    split: random() < 0.7 ? "train" : "test",
    score: sign * strength,
    projection: sign * (12.5 + 3 * normal()),
    deltaNorm: 30 + 4 * normal(),
    pca: [sign * 9 + 2.4 * normal(), 5 * normal(), 3 * normal()],
    evaluations: Math.round(9 + 4 * random()),
    flipped,
    before: { [from]: 0.99, [to]: 0.002 + 0.01 * random() },
    after: { [from]: 1 - after, [to]: flipped ? after : 0.31 },
  };
}

const rate = (share: number, total = 206): Rate => ({ count: Math.round(share * total), total });
function row(vector: TransferRow["vector"], scale: number, change: number, stay: number, seed?: number): TransferRow {
  const failures =
    vector === "concept"
      ? [
          { name: "Sabrina", sign: 1 as const, completion: " female. Age: 51. Location: Sydney. Occupation: nurse." },
          { name: "Ottilie", sign: 1 as const, completion: " female. Age: 19. Location: Leeds." },
          { name: "Barnaby", sign: -1 as const, completion: " male. Age: 62. Location: Rome. Occupation: teacher." },
        ]
      : [];
  const four = (c: number, s: number) => ({
    plus: { changed: rate(c), stayed: rate(s) },
    minus: { changed: rate(Math.max(0, c - 0.02)), stayed: rate(Math.min(1, s + 0.004)) },
  });
  return {
    vector,
    seed,
    scale,
    ...four(change, stay),
    byFirstWord: four(Math.max(0, change - 0.03), stay - 0.01),
    failures,
  };
}
const scales = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const rise = (scale: number, middle: number) => 1 / (1 + Math.exp(-(scale - middle) * 9));
const transfer: TransferRow[] = scales.flatMap((scale) => [
  row("concept", scale, rise(scale, 0.55) * 0.993, 1 - 0.004 * scale),
  row("meanDifference", scale, rise(scale, 0.9) * 0.97, 1 - 0.01 * scale),
  ...[1, 2, 3, 4, 5].map((seed) => row("random", scale, 0.004 * scale * seed, 1 - 0.006 * scale * seed, seed)),
]);

const points = Array.from({ length: 1000 }, (_, i) => point(i));
export const report: Report = {
  concept: { name: "gender", prompt: "Name: {}. Gender:", labels: ["female", "male"] },
  model: { name: "embedded", fingerprint: "f00d" },
  layer: 2,
  prompt: "Name: {}. Gender:",
  seed: 1,
  split: { train: 700, test: 300 },
  recorded: {
    total: 1000,
    flipped: points.filter((candidate) => candidate.flipped).length,
    meanEvaluations: 11.3,
    unexpected: [
      { name: "Jordan", expected: "female", from: "male" },
      { name: "Robin", expected: "male", from: "female" },
    ],
    failures: points.filter((candidate) => !candidate.flipped).map((candidate) => candidate.name),
  },
  classifier: {
    regularization: 0.1,
    testAccuracy: 0.9967,
    interval95: [0.9814, 0.9994],
    learningCurve: [10, 20, 50, 100, 200, 400, 700].map((train) => ({
      train,
      accuracy: 0.997 - 0.22 * Math.exp(-train / 45),
      low: 0.99 - 0.3 * Math.exp(-train / 45),
      high: 1 - 0.15 * Math.exp(-train / 45),
    })),
    shuffledLabels: { mean: 0.503, low: 0.447, high: 0.561 },
    onValues: { testAccuracy: 0.9833 },
  },
  pca: { explainedVariance: [0.412, 0.087, 0.051] },
  vector: {
    norm: 16,
    meanDeltaNorm: 30.4,
    cosineToMeanDifference: 0.781,
    cosineToWeights: 0.802,
    projectionDeviation: 12.9,
    largest: Array.from({ length: 16 }, (_, i) => ({
      component: (i * 37) % 256,
      weight: (i % 3 ? 1 : -1) * (0.41 - i * 0.018),
    })),
    scale: 1,
  },
  transfer,
  points,
};

type Answer = { label: string; text: string; forms: string[] };
const targets: [Answer, Answer] = [
  { label: "female", text: " female", forms: [" Female", " F"] },
  { label: "male", text: " male", forms: [" Male", " M"] },
];
const concept = {
  name: "gender",
  vector: "gender",
  prompt: "Name: {}. Gender:",
  targets,
  paraphrases: [{ template: "It rained. Name: {}. Gender:", texts: { female: [" female"], male: [" male"] } }],
  facts: [],
  generations: ["{} is"],
  neighbours: 10,
};
const hyperParameters = {
  v_num_grad_steps: 20,
  v_lr: 0.5,
  v_weight_decay: 0.1,
  clamp_norm_factor: 4,
  kl_factor: 0.0625,
  v_loss_layer: 5,
};
const request = {
  name: "Ben",
  template: "Name: {}. Gender:",
  targets,
  layer: 2,
  contexts: 20,
  hyperParameters,
  covariance: "auto" as const,
  key: "rome" as const,
  maxTokens: 30,
};
type State = Extract<LabMessage, { type: "state" }>;
export const labState: State = {
  type: "state",
  status,
  model: {
    model: {
      name: "embedded",
      folder: "models/embedded",
      fingerprint: "f00d",
      architecture: "gptj",
      parameters: 5_800_000,
      width: 256,
      layers: 6,
      editLayer: 2,
      weightType: "float16",
    },
    defaults: { concept, contexts: 20, hyperParameters, origin: "model" as const },
    runtime: { node: "20.20.0", electron: false, onnxruntime: "1.30.0", device: "cpu" },
    hasExperiment: true,
  },
  run: { state: "idle" },
  preflight: {
    tokens: ["Name", ":", " Ben", ".", " Gender", ":"],
    subject: [2, 2],
    targets: [[" female"], [" male"]],
    layer: 2,
    contexts: 21,
    covarianceTokens: 10454,
    denominatorShare: 0.226,
  },
  maxTokens: 40,
  notes: [],
  namesFile: { label: "names.csv, shipped with the extension", names: 1000 },
  recording: { state: "none" },
  vectorTry: { state: "none" },
};
const state = (change: Partial<State> = {}): LabMessage => ({ ...labState, ...change });
const show = (tab: LabTab, name?: string): LabMessage => ({ type: "show", tab, name });
const fill: LabMessage = { type: "fill", request };
export const pretrained = {
  model: "Qwen2.5-Coder-0.5B",
  flipped: { count: 1000, total: 1000 },
  testAccuracy: 0.997,
  turned: [
    { count: 118, total: 120 },
    { count: 97, total: 100 },
  ],
} satisfies Pretrained;
const reported: LabMessage = { type: "report", report, source: "shipped", pretrained };
const unreported: LabMessage = { type: "report", report: null, source: null, pretrained };

const steered: Steered = {
  prompt: "Name: Ben. Gender:",
  before: { completion: " male. Age: 36. Location: Sydney. Occupation: teacher. He likes to read old books." },
  after: {
    completion: " female. Age: 69. She likes to read old books.",
    tokens: [
      { text: " female", probability: 0.998, without: 0.002, instead: " male" },
      { text: ".", probability: 1, without: 1, instead: "." },
      { text: " Age", probability: 0.99, without: 0.98, instead: " Age" },
      { text: ":", probability: 1, without: 1, instead: ":" },
      { text: " 69", probability: 0.027, without: 0.019, instead: " 67" },
      { text: ".", probability: 1, without: 1, instead: "." },
      { text: " She", probability: 0.93, without: 0.95, instead: " She" },
      { text: " likes to read old books.\n", probability: 0.5, without: 0.5, instead: " likes" },
    ],
  },
  proof: null,
};

/** Each is one picture: the messages that lead to it. */
export const labSnapshots: Record<string, readonly LabMessage[]> = {
  flipIdle: [state(), unreported, show("flip")],
  flipNotes: [
    state({
      notes: [
        {
          field: "name",
          severity: "warning",
          message: "“Ben Ben” is 2 words; the edit looks at the last token of the last one.",
        },
        { field: "layer", severity: "info", message: "Layer 2 is the one this model's file edits." },
        {
          field: "optimizer",
          severity: "warning",
          message: "The loss layer is below the edited layer: the edit cannot be felt there.",
        },
      ],
    }),
    fill,
    show("flip"),
  ],
  flipRunning: [
    state({
      run: {
        state: "running",
        request,
        progress: { phase: "solve", done: 7, total: 20, detail: { step: 7, loss: 1.24 } },
        losses: losses(7).map((step) => step.total),
      },
    }),
    fill,
  ],
  flipFailed: [
    state({
      run: {
        state: "failed",
        request,
        failure: { message: "The model has 6 layers; layer 9 does not exist. Choose 0 to 5." },
      },
    }),
    fill,
  ],
  flipDone: [
    state({
      run: {
        state: "done",
        request,
        result: flip("Ben", "male"),
        losses: losses(12),
        id: "card-Ben",
        on: true,
        other: false,
      },
    }),
    fill,
  ],
  experimentEmpty: [state(), unreported, show("experiment")],
  experimentRunning: [
    state({
      recording: {
        state: "running",
        phase: "record",
        done: 312,
        total: 1000,
        namesPerSecond: 9.4,
        secondsLeft: 73,
        lastNames: ["Linda", "John", "Patricia", "Zoë", "Ben"],
      },
    }),
    unreported,
    show("experiment"),
  ],
  experimentStopped: [
    state({
      recording: {
        state: "stopped",
        done: 312,
        total: 1000,
        failure: { message: "The disk is full: deltas.safetensors could not grow. Free some space, then resume." },
      },
    }),
    unreported,
    show("experiment"),
  ],
  experimentDone: [
    state(),
    reported,
    show("experiment"),
    { type: "select", names: [points[3]?.name ?? "", points[40]?.name ?? ""] },
  ],
  vectorEmpty: [state(), unreported, show("vector")],
  vectorDone: [
    state({
      vectorTry: {
        state: "done",
        scale: 1,
        result: {
          name: "Robin",
          from: "female",
          changed: true,
          before: {
            completion: " female. Age: 44. Location: Rome. She likes chess.",
            probability: { female: 0.84, male: 0.15 },
          },
          after: {
            completion: " male. Age: 44. Location: Rome. He likes chess.",
            probability: { female: 0.03, male: 0.96 },
          },
        },
      },
    }),
    reported,
    show("vector"),
  ],
  traceEmpty: [state(), unreported, show("trace", "Ben")],
  traceRunning: [
    state(),
    {
      type: "trace",
      trace: { state: "running", names: 20, progress: { phase: "trace", done: 310, total: 1200 } },
    },
    show("trace"),
  ],
  traceFailed: [
    state(),
    {
      type: "trace",
      trace: { state: "failed", failure: { message: "The names file has no names to average over." } },
    },
    show("trace"),
  ],
  traceDone: [state(), { type: "trace", trace: { state: "done", result: trace } }, show("trace")],
  promptEmpty: [state(), unreported, show("prompt")],
  promptNoVector: [
    state({ model: { ...labState.model!, hasExperiment: false } }),
    { type: "vector", from: "/vectors/royalty.npy", label: "royalty.npy" },
    show("prompt"),
  ],
  promptRunning: [
    state(),
    {
      type: "prompt",
      prompt: { state: "running", prompt: "Name: Ben. Gender:", texts: [" male. Age: 36", " female. Age: 69"] },
    },
    show("prompt"),
  ],
  promptFailed: [
    state(),
    {
      type: "prompt",
      prompt: { state: "failed", failure: { message: "Which name is meant cannot be told. Choose all tokens." } },
    },
    show("prompt"),
  ],
  promptDone: [
    state(),
    { type: "prompt", prompt: { state: "done", result: steered, hasVectors: true } },
    show("prompt"),
  ],
  lensEmpty: [state(), unreported, show("lens")],
  lensRunning: [
    state(),
    { type: "lens", lens: { state: "done", result: lens } },
    { type: "lens", lens: { state: "running", names: 1, progress: { phase: "lens", done: 2, total: 6 } } },
    show("lens"),
  ],
  lensFitting: [
    state(),
    { type: "lens", lens: { state: "running", names: 1, progress: { phase: "jacobian", done: 700, total: 2560 } } },
    show("lens"),
  ],
  lensJacobian: [state(), { type: "lens", lens: { state: "done", result: lensJacobian } }, show("lens")],
  lensFailed: [
    state(),
    { type: "lens", lens: { state: "failed", failure: { message: "A text has 300 tokens." } } },
    show("lens"),
  ],
  lensDone: [state(), { type: "lens", lens: { state: "done", result: lens } }, show("lens")],
  lensEdited: [state(), { type: "lens", lens: { state: "done", result: lensEdited } }, show("lens")],
  attributionEmpty: [state(), unreported, show("attribution")],
  attributionDone: [
    state(),
    { type: "attribution", attribution: { state: "done", result: attribution } },
    show("attribution"),
  ],
  attributionEdited: [
    state(),
    { type: "attribution", attribution: { state: "done", result: attributionEdited } },
    show("attribution"),
  ],
  refereeEmpty: [state(), unreported, show("referee")],
  refereeRunning: [
    state(),
    { type: "referee", referee: { state: "running", names: 1, progress: { phase: "stable", done: 7, total: 10 } } },
    show("referee"),
  ],
  refereeDone: [state(), { type: "referee", referee: { state: "done", result: card } }, show("referee")],
  specificityEmpty: [state(), unreported, show("specificity", "Ben")],
  specificityRunning: [
    state(),
    {
      type: "layers",
      layers: { state: "running", names: 4, progress: { phase: "layers", done: 3, total: 6 } },
    },
    show("specificity"),
  ],
  specificityFailed: [
    state(),
    {
      type: "evaluation",
      evaluation: { state: "failed", failure: { message: "The names file has no names to average over." } },
    },
    show("specificity"),
  ],
  specificityDone: [
    state(),
    { type: "evaluation", evaluation: { state: "done", result: evaluation } },
    { type: "layers", layers: { state: "done", result: layers } },
    show("specificity"),
  ],
  specificityCompared: [
    state(),
    {
      type: "evaluation",
      evaluation: {
        state: "done",
        result: {
          ...evaluation,
          runs: evaluation.runs.flatMap((run) => keyVariants.map((key) => ({ ...run, key }))),
        },
      },
    },
    show("specificity"),
  ],
};
