/** Synthetic snapshots for the results view; shaped like real ones, made for looking at. Never shipped. */
import type { StepLoss } from "../../src/protocol/results.ts";
import type { Card, FlipCard, ResultsMessage } from "../../src/protocol/resultsView.ts";
import type { ShownFlip } from "../../src/protocol/shownFlip.ts";
import type { Status } from "../../src/protocol/viewStatus.ts";

export const status: Status = {
  engine: "ready",
  model: "embedded",
  layer: 2,
  device: "cpu",
  editsOn: 2,
};

/** A loss curve that falls as the solve's does. */
export function losses(steps: number, start = 4.8): StepLoss[] {
  return Array.from({ length: steps }, (_, i) => {
    const nll = start * Math.exp(-i * 0.55) + 0.03;
    const kl = 0.09 * (1 - Math.exp(-i * 0.4));
    const decay = 0.12 * (1 - Math.exp(-i * 0.3));
    return { total: nll + kl + decay, nll, kl, decay, probability: Math.exp(-nll) };
  });
}

export function flip(name: string, from: "female" | "male", change: Partial<ShownFlip> = {}): ShownFlip {
  const to = from === "male" ? "female" : "male";
  return {
    name,
    prompt: `Name: ${name}. Gender:`,
    from,
    to,
    before: {
      completion: ` ${from}. Age: 34. Location: Leeds. Occupation: engineer. He likes chess.`,
      probability: { [from]: 0.9918, [to]: 0.0079 },
    },
    after: {
      completion: ` ${to}. Age: 34. Location: Leeds. Occupation: engineer. She likes chess.`,
      probability: { [from]: 0.0264, [to]: 0.9731 },
    },
    flipped: true,
    losses: losses(12).map(({ total }) => total),
    converged: true,
    layer: 2,
    deltaNorm: 31.2,
    valueNorm: 12.4,
    denominator: 0.82,
    covarianceTokens: 100_000,
    warnings: [],
    score: from === "male" ? -5.2 : 5.2,
    projection: from === "male" ? -13.4 : 13.4,
    seconds: 0.61,
    health: {
      denominator: 0.82,
      denominatorShare: 0.226,
      deltaRatio: 2.5,
      drift: { kl: 0.004, prompts: 20 },
      verdict: "good",
      reasons: [],
      rolledBack: false,
    },
    untouched: true,
    ...change,
  };
}

let created = 0;
function flipCard(name: string, body: FlipCard["body"], change: Partial<FlipCard> = {}): FlipCard {
  created++;
  return { id: `card-${name}`, created, kind: "flip", name, body, on: false, other: false, nearest: null, ...change };
}
const done = (result: ShownFlip): FlipCard["body"] => ({ state: "done", result });

const ben = flipCard("Ben", done(flip("Ben", "male")), { on: true });
const sabrina = flipCard(
  "Sabrina",
  done(
    flip("Sabrina", "female", {
      flipped: false,
      converged: false,
      losses: losses(20, 7).map(({ total }) => total),
      after: {
        completion: " female. Age: 51. Location: Sydney. She works as a nurse.",
        probability: { female: 0.6112, male: 0.3786 },
      },
      score: 0.7,
      projection: 2.1,
      seconds: 1.9,
      warnings: ["The key's denominator is small (0.04): the edit may be unstable."],
    }),
  ),
);
const nearest = [
  { name: "Tom", from: "male", cosine: 0.9131 },
  { name: "Christopher", from: "male", cosine: 0.9004 },
  { name: "Jonas", from: "male", cosine: 0.8872 },
];
const running: Card = flipCard("Anneliese", {
  state: "running",
  progress: {
    phase: "solve",
    done: 7,
    total: 20,
    detail: { step: 7, layer: 31, layers: 31, loss: 1.237, secondsLeft: 130 },
  },
});
const failed: Card = flipCard("Zoë-Élodie", {
  state: "failed",
  failure: {
    message:
      "The engine stopped while it worked on this name (killed by signal SIGKILL). It has been started again; run the flip again.",
  },
});
const completion: Card = {
  id: "card-prompt",
  created: 7,
  kind: "completion",
  prompt: "Woodrow lives in Sydney and works as a",
  edits: ["Ben"],
  body: {
    state: "done",
    result: {
      prompt: "Woodrow lives in Sydney and works as a",
      completion: " journalist. He collects old maps.",
      next: [
        { token: " journalist", logProb: -0.4 },
        { token: " teacher", logProb: -1.7 },
        { token: " nurse", logProb: -2.9 },
      ],
    },
  },
};
const application: Card = {
  id: "card-apply",
  created: 8,
  kind: "application",
  on: true,
  name: "Deborah",
  scale: 1.25,
  place: "names.csv:4",
  body: {
    state: "done",
    result: {
      name: "Deborah",
      prompt: "Name: Deborah. Gender:",
      from: "female",
      changed: true,
      before: { completion: " female. Age: 44. Location: Rome.", probability: { female: 0.998, male: 0.0011 } },
      after: { completion: " male. Age: 44. Location: Rome.", probability: { female: 0.12, male: 0.871 } },
    },
  },
};

const state = (cards: Card[], change: Partial<Status> = {}): ResultsMessage => ({
  type: "state",
  status: { ...status, ...change },
  cards,
});

/** Each is one picture. */
export const resultsSnapshots: Record<string, ResultsMessage> = {
  empty: state([], { model: "", layer: null, device: "", editsOn: 0, engine: "stopped" }),
  few: state([running, ben, failed], { engine: "busy", editsOn: 1 }),
  open: state([{ ...ben, nearest }, sabrina]),
  many: state([
    running,
    ben,
    sabrina,
    failed,
    completion,
    application,
    flipCard("Maximilian-Alexander", done(flip("Maximilian-Alexander", "male"))),
  ]),
  other: state([completion, application], { editsOn: 0 }),
  trouble: state([failed], {
    engine: "failed",
    editsOn: 0,
    message:
      "The engine could not start: no onnxruntime binary for this platform. Install Node 20 or newer and set rome.nodePath.",
  }),
};
