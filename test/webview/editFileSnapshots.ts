/** Synthetic snapshots for the page of an edit file; shaped like real ones, made for looking at. Never shipped. */
import type { EditEntry, Health } from "../../src/protocol/editEntry.ts";
import type { EditFileMessage } from "../../src/protocol/editFileView.ts";

const health: Health = {
  denominator: 0.812,
  denominatorShare: 0.41,
  deltaRatio: 1.5,
  drift: { kl: 0.0042, prompts: 20 },
  verdict: "good",
  reasons: [],
  rolledBack: false,
};

export function savedEntry(name: string, change: Partial<EditEntry> = {}): EditEntry {
  return {
    name,
    subject: name,
    template: "Name: {}. Gender:",
    target: " female",
    layer: 2,
    method: "rome",
    key: "rome",
    before: { completion: " male. Age: 34. Location: Leeds.", probability: 0.008 },
    after: { completion: " female. Age: 34. Location: Leeds.", probability: 0.973 },
    losses: [4.5, 0.6, 0.03],
    deltaNorm: 3,
    valueNorm: 2,
    denominator: 0.812,
    covarianceTokens: 100_000,
    hyperParameters: { v_lr: 0.5, v_num_grad_steps: 20 },
    contexts: ["{}", "The. {}"],
    seed: 0,
    health,
    versions: { onnxruntime: "1.30.0" },
    ...change,
  };
}

const model = {
  name: "embedded",
  fingerprint: "ab".repeat(32),
  architecture: "gptj",
  layers: 4,
  width: 64,
  inner: 256,
};

function file(entries: readonly EditEntry[], change: Partial<EditFileMessage> = {}): EditFileMessage {
  const edits = entries.map((entry, i) => ({ id: `f#${entry.name}`, entry, on: i % 2 === 1 }));
  return {
    type: "state",
    file: "Ben.romedit",
    body: { state: "done", model, differences: [], edits },
    comparison: null,
    ...change,
  };
}

const bad: Health = {
  ...health,
  denominatorShare: 0.001,
  drift: null,
  verdict: "bad",
  reasons: ["kᵀu is almost zero, so the edit reaches far beyond its subject."],
  rolledBack: true,
};
const names = Array.from({ length: 40 }, (_, i) => `Name${i}`);

export const editFileSnapshots = {
  reading: file([], { body: { state: "reading" } }),
  one: file([savedEntry("Ben")]),
  unjudged: file([savedEntry("Ben", { health: null, seed: null, covarianceTokens: 0 })]),
  batch: file(names.map((name) => savedEntry(name, { method: "batch" }))),
  foreignModel: file([], {
    body: {
      state: "done",
      model: { ...model, name: "toy", width: 6 },
      differences: ["width 6, not 64", "weights abababababab, not cdcdcdcdcdcd"],
      edits: [{ id: "f#Ben", entry: savedEntry("Ben", { health: bad }), on: false }],
    },
  }),
  damaged: file([], {
    body: {
      state: "failed",
      failure: {
        message:
          "/a/long/path/Ben.romedit is damaged or incomplete: it ends early. Save the edits again, or restore a copy.",
      },
    },
  }),
  compared: file([savedEntry("Ben")], {
    comparison: {
      state: "done",
      file: "other.romedit",
      result: {
        pairs: [
          {
            names: ["Ben", "Ben"],
            layers: [2, 2],
            deltaCosine: 0.5,
            updateCosine: -0.25,
            deltaNorms: [3, 4.2],
            updateNorms: [5, 6],
          },
        ],
        only: [[], ["Łódź"]],
        differences: ["weights abababababab, not cdcdcdcdcdcd"],
      },
    },
  }),
  comparisonFailed: file([savedEntry("Ben")], {
    comparison: { state: "failed", file: "other.romedit", failure: { message: "other.romedit is not an edit file." } },
  }),
} satisfies Record<string, EditFileMessage>;
