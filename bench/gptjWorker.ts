/** The engine on a model of GPT-J's size, for bench/gptj.mjs: answers requests, a JSON line each, and says what each run of the model cost. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { openCheckpoint, requireWeight } from "../src/engine/checkpoint/openCheckpoint.ts";
import { record } from "../src/engine/experiment/record.ts";
import { asReal } from "../src/engine/graph/cast.ts";
import type { Tensor } from "../src/engine/graph/graph.ts";
import { Graph } from "../src/engine/graph/graph.ts";
import { concat } from "../src/engine/graph/shape.ts";
import { rowsOf } from "../src/engine/graph/weights.ts";
import { createInner, type Feed, reals, Session } from "../src/engine/model/session.ts";
import { Rome } from "../src/engine/rome/rome.ts";
import { solve } from "../src/engine/rome/solve.ts";
import { chooseDevice } from "../src/engine/runtime/device.ts";
import { complete } from "../src/engine/tasks/complete.ts";
import { edit } from "../src/engine/tasks/edit.ts";
import { Engine } from "../src/engine/tasks/engine.ts";
import { quietRun } from "../test/support/run.ts";
import { readProducts, solveProducts } from "./harness/work.mjs";

/** One run of a session, or the making of one. */
interface Entry {
  readonly kind: "make" | "read" | "generate" | "solve";
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rows: number;
  readonly tokens: number;
  /** 2 for there and back. */
  readonly ways: number;
  /** Multiplications and additions of the products with weights that were run, as `test/engine/model/work.test.ts` counts them. */
  readonly flop: number;
  /** Elements of weights that were read and cast. */
  readonly elements: number;
}

const root = join(import.meta.dirname, "../..");
const storage = await mkdtemp(join(tmpdir(), "rome-gptj-"));
let engine: Engine;
let entries: Entry[] = [];
let sizes = { d: 0, vocabulary: 0, layers: 0, above: 0 };
let firstRun = 0;

function clock(): () => Pick<Entry, "seconds" | "cpuSeconds"> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - wall) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

const { create } = Session;
Session.create = async (...args) => {
  const stop = clock();
  const session = await create.call(Session, ...args);
  entries.push({ kind: "make", ...stop(), rows: 0, tokens: 0, ways: 0, flop: 0, elements: 0 });
  return session;
};

const { run } = Session.prototype;
Session.prototype.run = async function (feeds, pass, control) {
  firstRun ||= performance.now();
  const stop = clock();
  let ran = 0;
  const counted: typeof control = {
    ...control,
    progress(step) {
      ran = step.detail?.layer ?? ran;
      control.progress(step);
    },
  };
  const out = await run.call(this, feeds, pass, counted);
  const kind = pass.kind ?? "read";
  const [rows = 0, , n = 0] = feeds.mask?.shape ?? [];
  const tokens = rows * n;
  const { d, vocabulary, above } = sizes;
  const asked = feeds.select?.shape[0] ?? 0;
  // On a device all layers are one part; otherwise each is one, and the head.
  const layers =
    kind === "solve" ? above : this.parts.length > 1 ? this.parts.length - (asked > 0 ? 1 : 0) : sizes.layers;
  // The way back of an evaluation that no step follows is not run.
  const ways = kind === "solve" && (this.parts.length === 1 || ran === this.parts.length) ? 2 : 1;
  const lookups = feeds.lookup?.shape[0] ?? 0;
  const size = { d, vocabulary, above, layers, tokens, lookups, asked };
  entries.push({
    kind,
    ...stop(),
    rows,
    tokens,
    ways,
    flop: 2 * ways * (kind === "solve" ? solveProducts(size) : readProducts(size)),
    elements: ways * (layers * 12 * d * d + (asked > 0 ? vocabulary * d : 0)),
  });
  return out;
};

/** Least seconds of some runs of a graph over the checkpoint's weights. */
async function least(folder: string, trace: (graph: Graph) => void, feeds: Record<string, Feed>, runs = 12) {
  const graph = new Graph("float", "stream", (file) => relative(folder, file));
  const options = { folder, policy: "stream", device: "cpu" } as const;
  trace(graph);
  const session = await create.call(Session, graph, (bytes) => createInner(bytes, options), quietRun());
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await run.call(session, feeds, {}, quietRun());
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  return best;
}

function random(...shape: number[]): Feed {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).map(() => Math.random() - 0.5);
  return reals(data, ...shape);
}

const methods: Record<string, (params: never) => Promise<object>> = {
  /** What this machine can do: products in float at these widths, reading memory, and casting stored weights. */
  async limits({ folder, rows }: { folder: string; rows: number[] }) {
    const checkpoint = await openCheckpoint(folder);
    const d = checkpoint.config.n_embd as number;
    const location = requireWeight(checkpoint, "transformer.h.0.mlp.fc_in.weight", [4 * d, d]);
    const at = dirname(location.file);
    const product = (x: string, w: string) => (graph: Graph) =>
      graph.output(
        "y",
        graph.emit("Gemm", [graph.input("x", [x, d]), graph.input("w", [w, d])], [x, w], "float", { transB: 1 }),
      );
    const sgemm: Record<number, number> = {};
    for (const n of rows) {
      const rates = [];
      // A weight that stays in the processor's cache, and one that comes from memory.
      for (const outputs of [d / 4, d]) {
        const seconds = await least(at, product("n", "m"), { x: random(n, d), w: random(outputs, d) }, 30);
        rates.push((2 * n * outputs * d) / seconds);
      }
      sgemm[n] = Math.max(...rates);
    }
    // One row meets 512 MB: as fast as memory can be read.
    const large = 2 ** 27 / d;
    const reading = await least(at, product("n", "m"), { x: random(1, d), w: random(large, d) });
    const cast = (graph: Graph) => {
      const x = graph.input("x", [1, d]);
      const seen: Tensor[] = [];
      const step = graph.tileElements / d;
      for (let from = 0; from < 4 * d; from += step) {
        const tile = asReal(graph.weight(rowsOf(location, from, step)), seen.at(-1) ?? x);
        const first = graph.emit(
          "Slice",
          [tile, graph.integers([0]), graph.integers([1]), graph.integers([0])],
          [1, d],
        );
        seen.push(graph.emit("Add", [first, seen.at(-1) ?? x], [1, d]));
      }
      graph.output("y", concat(seen, 0));
    };
    const casting = await least(at, cast, { x: random(1, d) });
    return {
      sgemm,
      readBytesPerSecond: (4 * 2 ** 27) / reading,
      castElementsPerSecond: (4 * d * d) / casting,
    };
  },

  /**
   * The rate of products on the device, in multiplications and additions a second: x ∈ ℝ^{rows × d} goes through one
   * [d, d] weight of the checkpoint many times within one run, so that what is uploaded and fetched hardly counts.
   */
  async products({ rows, times }: { rows: number[]; times: number }) {
    const { model } = (await engine.open()).rome;
    const d = model.size.width;
    const location = requireWeight(model.checkpoint, "transformer.h.0.attn.q_proj.weight", [d, d]);
    const folder = dirname(location.file);
    const options = { folder, policy: "fold", device: chooseDevice() } as const;
    const rates: Record<number, number> = {};
    for (const n of rows) {
      const graph = new Graph("float", "fold", (file) => relative(folder, file));
      let x = graph.input("x", [n, d]);
      const weight = asReal(graph.weight(location), x);
      for (let i = 0; i < times; i++) x = graph.emit("Gemm", [x, weight], [n, d], "float", { transB: 1 });
      graph.output("y", x);
      const session = await create.call(Session, graph, (bytes) => createInner(bytes, options), quietRun());
      const feeds = { x: random(n, d) };
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 4; i++) {
        const started = performance.now();
        await run.call(session, feeds, {}, quietRun());
        best = Math.min(best, (performance.now() - started) / 1000);
      }
      rates[n] = (2 * times * n * d * d) / best;
    }
    return { rates };
  },

  /** Opens the model and asks it for one token; `ready` is the time from the start of the process to the first run. */
  async open({ folder }: { folder: string }) {
    firstRun = 0;
    engine = await Engine.create({ model: folder, assetsFolder: root, storageFolder: storage });
    const { rome } = await engine.open();
    const { width: d, vocabulary, layers } = rome.model.size;
    const layer = rome.hyperParameters.layers[0] ?? 0;
    sizes = { d, vocabulary, layers, above: layers - 1 - layer };
    await complete(engine, { prompt: "Name: Ben. Gender:", maxTokens: 1, topK: 1, edits: [] }, silent);
    return { ready: firstRun / 1000, layer };
  },

  async complete({ tokens }: { tokens: number }) {
    return complete(engine, { prompt: "Name: Ben. Gender:", maxTokens: tokens, topK: 1, edits: [] }, silent);
  },

  /** `rome edit`, with its completions, its health and its proof. */
  async edit({ contexts, steps, tokens }: { contexts: string[]; steps: number; tokens: number }) {
    const request = { template: "Name: {}. Gender:", subject: "Ben", target: " female", maxTokens: tokens };
    const options = { contexts, covariance: "none", hyperParameters: { v_num_grad_steps: steps } } as const;
    const { view } = await edit(engine, { ...request, ...options }, silent);
    const { losses, before, after, health, proof } = view;
    return { losses: losses.map(({ total }) => total), before, after, health, proof };
  },

  /** A data set of a few names, as `rome record` makes it. */
  async record({ names, contexts, steps }: { names: string[]; contexts: string[]; steps: number }) {
    const { rome, name } = await engine.open();
    const { concept } = engine;
    const folder = join(storage, "record");
    const labelled = names.map((name) => ({ name, label: concept.targets[0].label }));
    const hyperParameters = { v_num_grad_steps: steps };
    const covariance = "none" as const;
    const options = { contexts, covariance, hyperParameters, concept, modelName: name, versions: {} };
    return record(rome, labelled, folder, options, quietRun());
  },

  /** The second moment of the edited layer's keys over some text, its factor, and the factor read again. */
  async covariance({ tokens }: { tokens: number }) {
    const { rome } = await engine.open();
    const timed = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
      const started = performance.now();
      const result = await work();
      return [(performance.now() - started) / 1000, result];
    };
    const layer = rome.hyperParameters.layers[0] as number;
    const text = join(root, "models/embedded/corpus.txt");
    const [counting, counted] = await timed(() => rome.covariances.count([text], { layer, tokens }, quietRun()));
    const [factoring] = await timed(() => rome.covariances.of("auto", layer, quietRun()));
    const again = await Rome.open(rome.model.checkpoint.folder, { storage });
    const [reading] = await timed(() => again.covariances.of("auto", layer, quietRun()));
    return { size: rome.model.size.inner, tokens: counted.tokens, counting, factoring, reading };
  },

  /** The solve of some names as one batch. */
  async batch({ names, contexts, steps }: { names: string[]; contexts: string[]; steps: number }) {
    const { rome } = await engine.open();
    const hyperParameters = rome.parameters({ v_num_grad_steps: steps });
    const requests = names.map((subject) => ({ template: "Name: {}. Gender:", subject, target: " female" }));
    await solve(rome.model, requests, { hyperParameters, contexts }, quietRun());
    return {};
  },
};

const silent = { signal: new AbortController().signal, progress: () => {} };

for await (const line of createInterface({ input: process.stdin })) {
  const { method, params } = JSON.parse(line) as { method: string; params: never };
  entries = [];
  const stop = clock();
  let answer: object;
  try {
    const work = methods[method];
    if (!work) throw new Error(`no method ${method}`);
    const result = await work(params);
    answer = { ...stop(), entries, ...result };
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await rm(storage, { recursive: true, force: true });
