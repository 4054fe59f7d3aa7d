import type { Device } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Architecture, ModelSize } from "../architectures/architecture.ts";
import { architectureOf } from "../architectures/families.ts";
import { type Checkpoint, openCheckpoint, refuseMoreLayers, requireWeight } from "../checkpoint/openCheckpoint.ts";
import { shorten } from "../checkpoint/sourceFile.ts";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { loadTokenizer, type Tokenizer } from "../checkpoint/tokenizer.ts";
import { Graph } from "../graph/graph.ts";
import type { WeightPolicy } from "../graph/weights.ts";
import { note } from "../run/note.ts";
import { Shared } from "../run/shared.ts";
import { chooseDevice } from "../runtime/device.ts";
import { type Cache, emptyCache, longestText, maskAndPositions } from "./cache.ts";
import { requireFinite } from "./finite.ts";
import { adapterInput, aloneName, askedFeeds, type ForwardSpec, type Tracer, traceForward } from "./graphs.ts";
import { HeldWeights } from "./heldWeights.ts";
import type { PassKind } from "./passes.ts";
import {
  commonFolder,
  type Feed,
  integers,
  locateIn,
  type Outputs,
  PartSessions,
  type Pass,
  reals,
  Session,
  type SessionOptions,
} from "./session.ts";

export interface ModelOptions {
  /** Default: cast once where the weights are small, else where they are used. */
  readonly policy?: WeightPolicy;
  readonly tileElements?: number;
  readonly threads?: number;
  /** Default: see chooseDevice. */
  readonly device?: Device;
  readonly signal?: AbortSignal;
}

/** Something to run on a model: how it is traced, under which key its session is kept, and what a pass is to give. */
export interface Computation extends Pass {
  readonly key: string;
  readonly trace: (tracer: Tracer) => void;
}

/** Above this many bytes of weights they stay in the file and are cast at each use. */
const memoryLimit = 256 * 2 ** 20;

/**
 * A change y += on · (uᵀx + constant) · r of what a layer's MLP writes. An edit reads the key; a vector that is added reads
 * nothing and has a constant; an erasure reads what is written, edits and vectors included, and takes some of it away.
 */
export interface Adapter {
  readonly layer: number;
  /** What x is: the MLP's key, which is the default, or its output. */
  readonly reads?: "key" | "output";
  /** As long as x, or empty: nothing is read. */
  readonly u: Float32Array;
  /** 0 by default. */
  readonly constant?: number;
  /** [d] */
  readonly r: Float32Array;
  /** Strength in each row: 1 on, 0 off. */
  readonly on: readonly number[];
  /** Whether it is on at the token of this position in the row's text; at all tokens by default. */
  readonly at?: (row: number, position: number) => boolean;
}

export interface ForwardInputs {
  /** Token ids, a row a sequence, all of one length; -1 is padding. */
  readonly tokens: readonly (readonly number[])[];
  /** What was seen before; none by default. */
  readonly past?: Cache;
  /** Flat token numbers (row · n + i) whose logits are wanted, distinct. */
  readonly select?: readonly number[];
  /** Token ids of which log p is wanted. */
  readonly told?: readonly number[];
  readonly tapAt?: readonly number[];
  readonly adapters?: readonly Adapter[];
  /** As what the pass is told of; "read" by default. */
  readonly kind?: PassKind;
}

export interface ForwardOutputs {
  /** Keys and values of these tokens. */
  readonly present: Cache;
  /** [selected, V] */
  readonly logits: Float32Array;
  /** [selected, told] */
  readonly logProb: Float32Array;
  /** [tokens, d] */
  readonly stream: Float32Array;
  /** [taps, m] and [taps, d] */
  readonly key: Float32Array;
  readonly value: Float32Array;
  /** [m, m] */
  readonly moment: Float32Array;
  /** The parts of `Alone`, [tokens, …] each, by the names under which they enter another graph. */
  readonly alone: Readonly<Record<string, Float32Array>>;
  /** What is inside, by its name; see `traceForward`. */
  readonly inside: Readonly<Record<string, Float32Array>>;
}

/** What to say of stored weights that the architecture has no use for. */
function leftOut({ folder, weights }: Checkpoint, used: ReadonlySet<string>): string[] {
  const places = new Set([...used].map((name) => placeOf(weights.get(name) as WeightLocation)));
  const names = [...weights.values()].filter((weight) => !places.has(placeOf(weight))).map(({ name }) => shorten(name));
  if (names.length === 0) return [];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return [`${folder}: this kind of model has no place for ${names.slice(0, 3).join(", ")}${more}: left out.`];
}

function placeOf({ file, offset }: WeightLocation): string {
  return `${file}:${offset}`;
}

/** A checkpoint that can be run: one session a computation, made when first asked for, all over the same mapped files. */
export class Model {
  readonly #sessions = new Shared<Session>();
  /** Their parts: most layers are the same in every computation that runs forward. */
  readonly #parts: PartSessions;
  readonly #held = new HeldWeights();
  /** Layers at which edits are to be expected: what asks for logits can take them there, so that one session serves all. */
  expectedEdits: readonly number[] = [];

  private constructor(
    readonly checkpoint: Checkpoint,
    readonly tokenizer: Tokenizer,
    readonly architecture: Architecture,
    readonly options: SessionOptions,
  ) {
    this.#parts = new PartSessions(options);
  }

  /** Opens a Hugging Face folder; every weight's name and shape is checked here, none is read. */
  static async open(folder: string, options: ModelOptions = {}): Promise<Model> {
    const device = chooseDevice(options.device);
    const checkpoint = await openCheckpoint(folder, { signal: options.signal });
    const architecture = architectureOf(checkpoint.config);
    const { vocabulary, width, layers } = architecture.size;
    requireWeight(checkpoint, architecture.embeddingWeight, [vocabulary, width]);
    refuseMoreLayers(checkpoint, layers, architecture.editedWeight(0).name);
    const tokenizer = await loadTokenizer(folder, { vocabulary });
    const atUse = device === "cpu" ? "stream" : "resident";
    const inMemory = device === "cpu" ? "hold" : "fold";
    const policy = options.policy ?? (checkpoint.bytes <= memoryLimit ? inMemory : atUse);
    const sessionOptions: SessionOptions = {
      folder: commonFolder([...checkpoint.weights.values()].map(({ file }) => file)),
      policy,
      tileElements: options.tileElements,
      threads: options.threads,
      device,
    };
    const model = new Model(checkpoint, tokenizer, architecture, sessionOptions);
    const used = new Set<string>();
    const tracer = model.#tracer();
    const weights: Tracer["weights"] = (name, shape) => {
      used.add(requireWeight(checkpoint, name, shape).name);
      return tracer.weights(name, shape);
    };
    traceForward({ ...tracer, weights }, { to: layers - 1, logits: true });
    for (const text of [...checkpoint.notes, ...leftOut(checkpoint, used)]) note(text);
    return model;
  }

  get size(): ModelSize {
    return this.architecture.size;
  }

  /** All layer numbers, first to last. */
  get layers(): number[] {
    return Array.from({ length: this.size.layers }, (_, layer) => layer);
  }

  /**
   * Estimate of the memory that an edit takes whatever the batch: the runtimes, and weights in float32: all of them,
   * once or for each of four sessions, or, where they are cast at use, the largest at a time.
   */
  residentBytes(): number {
    const sizes = [...this.checkpoint.weights.values()].map(({ shape }) => 4 * shape.reduce((a, b) => a * b, 1));
    const all = sizes.reduce((a, b) => a + b, 0);
    const inUse: Record<WeightPolicy, number> = {
      hold: all,
      fold: 4 * all,
      stream: Math.max(...sizes),
      resident: Math.max(...sizes),
    };
    return 2 ** 27 + inUse[this.options.policy];
  }

  #tracer(): Tracer {
    const { policy, folder, tileElements } = this.options;
    const graph = new Graph("float", policy, locateIn(folder), tileElements);
    return {
      graph,
      architecture: this.architecture,
      weights: (name, shape) => graph.weight(requireWeight(this.checkpoint, name, shape)),
    };
  }

  #session(key: string, trace: (tracer: Tracer) => void, run: Run): Promise<Session> {
    const make = async (making: Run) => {
      const tracer = this.#tracer();
      trace(tracer);
      return Session.create(
        tracer.graph,
        (bytes) => this.#parts.make(bytes),
        making,
        (weights) => this.#held.of(weights),
      );
    };
    return this.#sessions.get(key, make, run);
  }

  /** Runs layers 0 … spec.to over a batch; what is not asked for by `spec` comes back empty. */
  async forward(spec: ForwardSpec, inputs: ForwardInputs, run: Run): Promise<ForwardOutputs> {
    const { tokens, kind } = inputs;
    const adapters = inputs.adapters ?? [];
    const edited = [...new Set(adapters.map(({ layer }) => layer))].filter((layer) => layer <= spec.to);
    const expected = spec.logits ? this.expectedEdits.filter((layer) => layer <= spec.to) : [];
    const edits = [...new Set([...edited, ...expected])].sort((a, b) => a - b);
    const full = { ...spec, edits };
    const session = await this.#session(JSON.stringify(full), (tracer) => traceForward(tracer, full), run);

    const layers = this.layers.slice(0, spec.to + 1);
    const [rows, n] = [tokens.length, tokens[0]?.length ?? 0];
    const flat = tokens.flat();
    const past = inputs.past ?? emptyCache(rows, layers);
    const present = Uint8Array.from(flat, (id) => (id < 0 ? 0 : 1));
    const feeds: Record<string, Feed> = {
      ...this.sequenceFeeds(past, present, n, layers),
      ids: integers(
        flat.map((id) => Math.max(0, id)),
        rows * n,
      ),
    };
    if (spec.logits) Object.assign(feeds, askedFeeds(inputs.select ?? [], rows, n));
    if (spec.told) feeds.told = integers(inputs.told ?? [], inputs.told?.length ?? 0);
    if (spec.tap) feeds.tapAt = integers(inputs.tapAt ?? [], inputs.tapAt?.length ?? 0);
    if (spec.moment) feeds.counted = reals(Float32Array.from(present), rows * n, 1);
    const positions = Array.from(feeds.positions?.data ?? [], Number);
    for (const layer of edits) {
      const here = adapters.filter((adapter) => adapter.layer === layer);
      for (const reads of ["key", "output"] as const) {
        const those = here.filter((adapter) => (adapter.reads ?? "key") === reads);
        Object.assign(feeds, this.#adapterFeeds({ layer, reads }, those, positions, n));
      }
    }

    // Who asks for a few numbers goes on with nothing: the keys and values of attention stay where they are.
    const out = await session.run(feeds, { kind, ...(spec.told && { outputs: ["logProb"] }) }, run);
    await this.#requireFinite(out, ["logits", "logProb", "key", "value", "moment"], run);
    const nothing = new Float32Array(0);
    const presents = (part: string) =>
      new Map(layers.map((layer) => [layer, out[`present.${layer}.${part}`] ?? nothing]));
    return {
      present: { rows, length: n, valid: present, keys: presents("key"), values: presents("value") },
      logits: out.logits ?? nothing,
      logProb: out.logProb ?? nothing,
      stream: out.stream ?? nothing,
      key: out.key ?? nothing,
      value: out.value ?? nothing,
      moment: out.moment ?? nothing,
      alone: Object.fromEntries(Object.entries(out).filter(([name]) => name.startsWith(aloneName("")))),
      inside: spec.inside ? out : {},
    };
  }

  /** Runs a computation over this model's weights; its session is made when first asked for, and kept. */
  async compute({ key, trace, ...pass }: Computation, feeds: Record<string, Feed>, run: Run): Promise<Outputs> {
    const session = await this.#session(key, trace, run);
    const out = await session.run(feeds, pass, run);
    await requireFinite(out, this.checkpoint.weights, run);
    return out;
  }

  #requireFinite(out: Outputs, names: readonly string[], run: Run): Promise<void> {
    const asked = names.flatMap((name) => (out[name] ? [[name, out[name]] as const] : []));
    return requireFinite(Object.fromEntries(asked), this.checkpoint.weights, run);
  }

  /** The feeds that tell where tokens stand and what they may see, with the past of the given layers. */
  sequenceFeeds(past: Cache, present: Uint8Array, n: number, layers: readonly number[]): Record<string, Feed> {
    const { keyHeads, headSize } = this.size;
    // Before the mask, which is as large as its square.
    const longest = longestText(past, present, n);
    if (longest > this.size.positions)
      throw new RomeError(
        "input",
        `A text has ${longest} tokens; this model reads at most ${this.size.positions}. Shorten the prompt.`,
      );
    const { mask, positions } = maskAndPositions(past, present, n);
    const feeds: Record<string, Feed> = {
      mask: reals(mask, past.rows, 1, n, past.length + n),
      positions: integers(positions, past.rows * n),
    };
    const shape = [past.rows, keyHeads, past.length, headSize];
    for (const layer of layers) {
      feeds[`past.${layer}.key`] = reals(past.keys.get(layer) as Float32Array, ...shape);
      feeds[`past.${layer}.value`] = reals(past.values.get(layer) as Float32Array, ...shape);
    }
    return feeds;
  }

  #adapterFeeds(
    { layer, reads }: { layer: number; reads: "key" | "output" },
    adapters: readonly Adapter[],
    positions: readonly number[],
    n: number,
  ): Record<string, Feed> {
    const { inner, width: d } = this.size;
    const m = reads === "key" ? inner : d;
    // One that does nothing stands in where there is none.
    const count = Math.max(1, adapters.length);
    const u = new Float32Array(m * count);
    const constant = new Float32Array(count);
    const r = new Float32Array(count * d);
    const on = new Float32Array(positions.length * count);
    for (const [e, adapter] of adapters.entries()) {
      for (let i = 0; i < adapter.u.length; i++) u[i * count + e] = adapter.u[i] as number;
      constant[e] = adapter.constant ?? 0;
      r.set(adapter.r, e * d);
      for (const [t, position] of positions.entries()) {
        const row = Math.floor(t / n);
        const isHere = adapter.at?.(row, position) ?? true;
        on[t * count + e] = isHere ? (adapter.on[row] as number) : 0;
      }
    }
    return {
      [adapterInput(layer, reads, "u")]: reals(u, m, count),
      [adapterInput(layer, reads, "constant")]: reals(constant, 1, count),
      [adapterInput(layer, reads, "on")]: reals(on, positions.length, count),
      [adapterInput(layer, reads, "r")]: reals(r, count, d),
    };
  }
}
