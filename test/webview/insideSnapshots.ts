/** Synthetic looks inside for the lab: a lens, an attribution. Never shipped. */
import type { Attribution, Shares } from "../../src/protocol/attribution.ts";
import type { Lens, LensCell } from "../../src/protocol/lens.ts";

const prompt = "Name: Ben. Gender:";
const tokens = ["Name", ":", " Ben", ".", " Gender", ":"];
const says = [":", " male", "son", " Gender", ":", " male"];
const [layers, heads] = [6, 4];

/** The answer at the last token gets surer from layer to layer; with the edit it turns at layer 4. */
function cell(layer: number, token: number, edited: boolean): LensCell {
  const sure = (layer + 1) / (layers + 1);
  const turned = edited && token === 5 && layer >= 4;
  const first = turned ? " female" : (says[token] ?? "");
  const others = [" male", " female", " M", " the", "<b>ita", "\n", " where", " 4", "ing", " he"].filter(
    (word) => word !== first,
  );
  const rest = others.map((word, i) => ({ token: word, probability: (1 - sure) / 2 ** (i + 1) }));
  return {
    top: [{ token: first, probability: sure }, ...rest].slice(0, 10),
    entropy: 3 * (1 - sure),
    klToFinal: layer === layers - 1 ? 0 : 4 * (1 - sure),
    word: turned ? { rank: 1, probability: sure } : { rank: 2 + token, probability: (1 - sure) / 4 },
  };
}

const grid = (edited: boolean) =>
  Array.from({ length: layers }, (_, layer) => tokens.map((_token, token) => cell(layer, token, edited)));

/** Without edits. */
export const lens: Lens = {
  model: { name: "embedded", fingerprint: "f00d" },
  prompt,
  kind: "logit",
  tokens,
  word: { text: " female", token: " female" },
  cells: grid(false),
  warnings: [],
  seconds: 0.12,
};

/** Carried to the last layer first. */
export const lensJacobian: Lens = {
  ...lens,
  kind: "jacobian",
  fit: {
    text: "corpus.txt of the model",
    corpus: "c0ffee",
    tokens: 2608,
    distinct: 2608,
    rank: 256,
    width: 256,
    error: { tokens: 851, mean: [0.16, 0.15, 0.13, 0.1, 0.06], token: [0.55, 0.52, 0.48, 0.39, 0.27] },
  },
};

/** With an edit on. */
export const lensEdited: Lens = {
  ...lens,
  after: grid(true),
  change: Array.from({ length: layers }, (_, layer) =>
    tokens.map((_token, token) =>
      token === 5 && layer >= 4 ? { kl: 4.2, probability: 0.7 } : { kl: layer > 1 ? 0.01 * token : 0, probability: 0 },
    ),
  ),
};

function shares(sign: number): Shares {
  const byLayer = Array.from({ length: layers }, (_, layer) => {
    const own = Array.from({ length: heads }, (_head, head) =>
      layer === 5 && head === 2 ? 4.1 * sign : layer === 4 && head === 1 ? 1.7 * sign : 0.05 * (head - 1),
    );
    return {
      attention: own.reduce((a, b) => a + b, 0),
      mlp: layer === 0 ? -0.9 : 0.02 * layer,
      heads: own,
      bias: 0,
      from: own.map((share) => tokens.map((_token, token) => (token === 2 ? share : 0))),
    };
  });
  const difference = byLayer.reduce((sum, { attention, mlp }) => sum + attention + mlp, 0.01);
  return { difference, embedding: 0.01, layers: byLayer, rest: 0 };
}

const pattern = tokens.map((_, i) =>
  tokens.map((_token, j) => (j > i ? 0 : i === 5 ? (j === 2 ? 0.956 : 0.0088) : 1 / (i + 1))),
);

/** Without edits. */
export const attribution: Attribution = {
  model: { name: "embedded", fingerprint: "f00d" },
  prompt,
  tokens,
  targets: [
    { text: " female", token: " female" },
    { text: " male", token: " male" },
  ],
  ...shares(-1),
  warnings: [],
  seconds: 0.2,
};

/** With an edit on, and the pattern of a head. */
export const attributionEdited: Attribution = {
  ...attribution,
  after: shares(1.6),
  pattern: { layer: 5, head: 2, before: pattern, after: pattern },
};
