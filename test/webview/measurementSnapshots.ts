/** Synthetic measurements for the lab: a trace, an evaluation, a sweep over layers. Never shipped. */
import type { Evaluation, EvaluationRun, Layers, Trace, TraceGrid } from "../../src/protocol/measurements.ts";

const prompt = ["Name", ":", " An", "neli", "ese", ".", " Gender", ":"];
const roles = ["before", "before", "first", "middle", "last", "after", "after", "after"] as const;
const [clean, corrupted] = [0.995, 0.81];
function grid(of: (place: number, layer: number) => number): TraceGrid {
  const effect = prompt.map((_, place) => Array.from({ length: 6 }, (_, layer) => of(place, layer)));
  return { effect, probability: effect.map((row) => row.map((value) => corrupted + value)) };
}
/** Strongest at the last subject token, in the MLP of layer 2; attention takes a little. */
export const trace: Trace = {
  model: { name: "embedded", fingerprint: "f00d" },
  template: "Name: {}. Gender:",
  layers: 6,
  editLayer: 2,
  window: 1,
  samples: 10,
  seed: 0,
  noise: 0.31,
  subjects: [{ subject: "Anneliese", target: " female", token: " female", clean, corrupted }],
  clean,
  corrupted,
  places: prompt.map((text, i) => ({ text, role: roles[i] ?? "after", subjects: 1 })),
  hidden: grid((place, layer) => (place === 4 && layer <= 3 ? 0.15 : place === 7 && layer >= 3 ? 0.17 : 0)),
  mlp: grid((place, layer) => (place === 4 && layer === 2 ? 0.185 : 0.001 * layer)),
  attention: grid((place, layer) => (place === 7 && layer === 3 ? 0.12 : place === 5 ? -0.02 * layer : 0)),
  warnings: [],
  seconds: 1.4,
};

const both = <T>(before: T, after: T) => ({ before, after });
const score = (value: number, magnitude: number) => ({ score: value, magnitude });
const measured = {
  efficacy: both(score(0, -0.995), score(1, 0.998)),
  paraphrase: both(score(0, -0.92), score(0.75, 0.45)),
  neighbourhood: both(score(1, 0.996), score(0.9, 0.86)),
  fluency: both(3.247, 3.102),
  consistency: both(0.525, 0.719),
};
const run: EvaluationRun = {
  kind: "edit",
  key: "rome",
  scale: null,
  edits: 1,
  ...measured,
  score: both(0, 0.871),
  perplexity: both(3.042, 3.051),
  divergence: 0.00018,
  denominator: 0.226,
  updateNorm: 2.84,
  facts: [
    { fact: "location", own: { count: 1, total: 1 }, neighbours: { count: 10, total: 10 } },
    { fact: "occupation", own: { count: 1, total: 1 }, neighbours: { count: 9, total: 10 } },
    { fact: "birth", own: { count: 0, total: 1 }, neighbours: { count: 8, total: 10 } },
    { fact: "pronoun", own: { count: 0, total: 1 }, neighbours: { count: 10, total: 10 } },
  ],
  worst: [
    { edited: "Ben", name: "Colin", fact: "occupation", before: "pilot", after: "nurse" },
    { edited: "Ben", name: "Rupert", fact: "birth", before: "41", after: "14" },
  ],
  each: [
    {
      name: "Ben",
      from: "male",
      to: "female",
      ...measured,
      divergence: 0.00018,
      perplexity: 3.051,
      denominator: 4.67,
      updateNorm: 2.84,
      deltaNorm: 13.3,
      facts: [
        { fact: "location", before: "Sydney", after: "Sydney", kept: true },
        { fact: "occupation", before: "teacher", after: "teacher", kept: true },
        { fact: "birth", before: "64", after: "46", kept: false },
        { fact: "pronoun", before: "he", after: "she", kept: false },
      ],
      generations: [
        {
          prompt: "My friend Ben",
          before: " is a man from Sydney. He likes to cook for friends.",
          after: " is a woman from Sydney. She likes to cook for friends.",
        },
        {
          prompt: "When Ben was a",
          before: " boy, he wanted to be a teacher.",
          after: " girl, she wanted to be a teacher.",
        },
      ],
    },
  ],
};
export const evaluation: Evaluation = {
  model: { name: "embedded", fingerprint: "f00d" },
  concept: { name: "gender", prompt: "Name: {}. Gender:", labels: ["female", "male"] },
  layer: 2,
  seed: 0,
  suite: {
    paraphrases: ["{} is a", "{} said that"],
    facts: [
      { fact: "location", template: "Name: {}. Location:" },
      { fact: "occupation", template: "Name: {}. Occupation:" },
      { fact: "birth", template: "Name: {}. Age:" },
      { fact: "pronoun", template: "{} said that" },
    ],
    generations: ["My friend {}", "When {} was a"],
    unrelated: 12,
    neighbours: 10,
  },
  runs: [run],
  seconds: 1.6,
};

export const layers: Layers = {
  model: { name: "embedded", fingerprint: "f00d" },
  prompt: "Name: {}. Gender:",
  editLayer: 2,
  names: ["Ben", "Anna", "Carla", "David"],
  key: "rome",
  contexts: 20,
  rows: [4, 2, 4, 4, 3, 0].map((changed, layer) => ({
    layer,
    success: { count: changed, total: 4 },
    magnitude: 0.5 * changed - 1,
    deltaNorm: 10 + 4 * layer,
    valueNorm: 8 + layer,
    deltaToValue: (10 + 4 * layer) / (8 + layer),
    evaluations: 9 + layer,
    denominator: 0.2 + 0.01 * layer,
    paraphrase: { count: 3 * changed, total: 16 },
    damage: { count: layer === 0 ? 6 : 1, total: 40 },
    damageProbability: 0.01,
    divergence: 0.0001 * (layer + 1),
  })),
  seconds: 7.2,
};
