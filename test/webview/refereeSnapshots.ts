/** A synthetic verdict card for the lab. Never shipped. */
import { say } from "../../src/protocol/phrase.ts";
import type { PhrasedCard } from "../../src/protocol/phrasedCard.ts";
import { checkIds, constructionNames } from "../../src/protocol/referee.ts";

const rate = (count: number) => ({
  count,
  total: 50,
  interval: [count / 50 - 0.05, Math.min(1, count / 50 + 0.05)] as [number, number],
});

export const card: PhrasedCard = {
  schema: 1,
  summary: "In English.",
  sentences: [
    say`On this model the direction moves what the model says after “${"<b>Name</b>: {}. Gender:"}” of names that were never recorded (worst of the four rates ${{ amount: 0.823, as: "percent" }}).`,
    say`Neither shown nor refuted with as many names, controls and shuffles as were tried: ${[say`“${say`Stable`}”`, say`“${say`Only that`}”`]}.`,
  ],
  concept: { name: "gender", prompt: "Name: {}. Gender:", labels: ["female", "male"] },
  model: { name: "embedded", fingerprint: "f00d" },
  layer: 2,
  seed: 0,
  vector: "sign",
  length: 8,
  best: "sign",
  settings: { names: 100 },
  checks: checkIds.map((id, i) => ({
    id,
    claim: "It is about the concept",
    figures: [
      {
        name: "turned by the vector of half 1",
        says: say`turned by the vector of half ${1}`,
        value: 0.9,
        interval: [0.8, 0.95],
        unit: "share",
        bound: { side: "atLeast", value: 0.75 },
        verdict: "holds",
      },
    ],
    threshold: "at least 0.75",
    verdict: (["holds", "fails", "undecided"] as const)[i % 3] ?? "holds",
    notes: ["There are no names of third labels."],
    says: {
      claim: say`The vector turns names that were never recorded, and leaves the others.`,
      threshold: say`balanced accuracy at least ${0.9}, permutation p at most ${0.01}`,
      notes: [say`There are no names of third labels.`],
    },
  })),
  skipped: [],
  vectors: constructionNames.map((name, i) => ({
    name,
    length: 8,
    rates: { plusChanged: rate(50 - i), plusStayed: rate(50), minusChanged: rate(48), minusStayed: rate(50) },
    collateral: { neighbours: 1, facts: 0.99, perplexity: 1, divergence: 0 },
    curve: [],
    quiet: null,
    against: [],
    random: 0.01,
    cosine: 1,
  })),
};
