/** How much work the engine's computations are, and how many passes a flip makes. Reasons stand beside the numbers. */
import { expect, it, vi } from "vitest";
import { readProducts, solveProducts } from "../../../bench/harness/work.mjs";
import { flip } from "../../../src/engine/edits/flip.ts";
import { traceForward } from "../../../src/engine/model/graphs.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { Session } from "../../../src/engine/model/session.ts";
import { traceObjective } from "../../../src/engine/rome/objective.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { embeddedPath, fixturePath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";
import { workOf } from "../../support/work.ts";

/** 16 names in 21 contexts of 4 tokens from the lookup position on; the KL texts share rows, four in each. */
const solve = { names: 16, rows: 16 * 21 + 4, n: 4, past: 12, asked: 16 * 22, asks: 4, lookups: 16 * 22, klRows: 16 };
const more = { tokens: 4 * solve.rows, total: 16, slots: 4 * solve.rows, turned: 4 * solve.rows };

it("an evaluation of the solve multiplies with each weight for the tokens that need it, there and back", async () => {
  const model = await Model.open(embeddedPath);
  const { width: d, inner: m, layers, vocabulary } = model.size;
  const layer = 2;
  expect(m).toBe(4 * d);
  const work = workOf(model, (tracer) => traceObjective(tracer, layer), { ...solve, ...more });
  // δ moves the stream at the lookup positions: in the first layer above it, all that a token gets by itself is known of
  // the others, and attention alone writes to all of them. In the last layer keys and values are made of all tokens, the
  // rest of those that the head reads. So the benchmarks count, too.
  const products = solveProducts({ d, vocabulary, above: layers - 1 - layer, ...solve, ...more });
  // Twice for multiplication and addition, twice for forward and backward.
  expect(work.weightFlop).toBe(4 * products);
  // Scores and mixed values of attention, past and present apart: 2 % of the products with weights. The positions turn
  // queries and keys in an operation of their own.
  expect(work.otherFlop / work.weightFlop).toBeLessThan(0.02);
  // What is not a product goes through memory. A number written takes as long as some 40 operations of a product, so
  // that these 1.2 % are nearly half as long as the products: norms, activation, softmax, positions, there and back.
  expect(work.written / work.weightFlop).toBeLessThan(0.012);
  // Three layers there and back, at 100 nodes each way, and the head with the loss.
  expect(work.nodes).toBeLessThan(680);
});

it("a first word is read behind the last token alone: the last layer's other tokens get keys and values only", async () => {
  const model = await Model.open(embeddedPath);
  const { width: d, inner: m, layers, vocabulary } = model.size;
  const [rows, n] = [8, 10];
  const tokens = rows * n;
  const sizes = { rows, n, tokens, past: 0, total: n, asked: rows, asks: 1, slots: rows, turned: tokens };
  const logits = workOf(model, (tracer) => traceForward(tracer, { to: layers - 1, logits: true }), sizes);
  expect(m).toBe(4 * d);
  const read = { d, vocabulary, layers, tokens };
  expect(logits.weightFlop).toBe(2 * readProducts({ ...read, asked: rows }));

  // What is read for its keys and values only ends with those of the last layer.
  const cache = workOf(model, (tracer) => traceForward(tracer, { to: layers - 1 }), sizes);
  expect(cache.weightFlop).toBe(2 * readProducts({ ...read, asked: 0 }));
});

// Blocks whose MLP reads what attention wrote, with fused or grouped heads, and gated MLPs; by the shapes in the file.
it.each([
  { checkpoint: "gpt2-fp32", fused: true },
  { checkpoint: "llama-fp16", fused: false },
  { checkpoint: "qwen2-bf16", fused: false },
])(
  "$checkpoint: each layer above the edit multiplies with its weights once a token, there and back; the last only for those asked",
  async ({ checkpoint, fused }) => {
    const model = await Model.open(fixturePath("checkpoints", checkpoint));
    const { width: d, layers, vocabulary, heads, keyHeads, headSize } = model.size;
    const matrices = [...model.checkpoint.weights.values()].filter(
      ({ name, shape }) => shape.length === 2 && /\b(h|layers)\.0\./.test(name),
    );
    const perToken = matrices.reduce((sum, { shape: [rows = 0, columns = 0] }) => sum + rows * columns, 0);
    // Queries that share a matrix with keys and values are made with them.
    const ofAll = 2 * d * keyHeads * headSize + (fused ? d * d : 0);
    const last = more.tokens * ofAll + solve.asked * (perToken - ofAll);
    const sizes = { ...solve, ...more, grouped: (heads / keyHeads) * solve.n };
    const work = workOf(model, (tracer) => traceObjective(tracer, 0), sizes);
    const head = solve.asked * d * vocabulary;
    expect(work.weightFlop).toBe(4 * ((layers - 2) * more.tokens * perToken + last + head));
  },
);

it("a flip of two names makes so many passes", async () => {
  const rome = await Rome.open(embeddedPath, { storage: await temporaryFolder() });
  const passes: string[] = [];
  const solveRows: number[] = [];
  const { run } = Session.prototype;
  const spy = vi.spyOn(Session.prototype, "run").mockImplementation(function (this: Session, feeds, pass, control) {
    passes.push(pass.kind ?? "read");
    if (pass.kind === "solve") solveRows.push(feeds.mask?.shape[0] ?? 0);
    return run.call(this, feeds, pass, control);
  });
  try {
    const concept = {
      name: "gender",
      vector: "v",
      prompt: "Name: {}. Gender:",
      targets: [
        { label: "female", text: " female" },
        { label: "male", text: " male" },
      ],
    } as Parameters<typeof flip>[2];
    const options = { contexts: ["{}", "The day. {}"], covariance: "none", maxTokens: 4 } as const;
    const results = await flip(rome, ["Ben", "Brittany"], concept, options, quietRun());
    const evaluations = Math.max(...results.map(({ view }) => view.losses.length));
    const count = (kind: string) => passes.filter((each) => each === kind).length;
    expect(count("solve")).toBe(evaluations);
    // Two names in two contexts; both KL texts share a row.
    expect(solveRows[0]).toBe(2 * 2 + 1);
    // Both names, before and after: the first token comes with the prompt's reading. One by one the other three would
    // take three passes each time; what was said before the edit drafts what is said after it.
    expect(count("generate")).toBe(3 + 1);
    // Prompt before; prefix contexts, what stands before the names, the rest up to the edit; prompt after; unrelated
    // prompts without the edits and with them; prompt with the edits off again.
    expect(count("read")).toBe(8);
  } finally {
    spy.mockRestore();
  }
});
