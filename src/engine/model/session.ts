import { createHash } from "node:crypto";
import { dirname, relative, sep } from "node:path";
import type { Device } from "../../protocol/engine.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Graph } from "../graph/graph.ts";
import type { Part } from "../graph/parts.ts";
import { castsAtUse, type WeightPolicy } from "../graph/weights.ts";
import { span } from "../run/timeline.ts";
import { makeSession, type RuntimeSession, type RuntimeTensor, tensorOf } from "../runtime/onnxruntime.ts";
import type { Held } from "./heldWeights.ts";
import type { PassKind } from "./passes.ts";

/** A value that goes into or comes out of a run. */
export type Values = Float32Array | BigInt64Array;
export interface Feed {
  readonly data: Values;
  readonly shape: readonly number[];
}

/** How sessions are made: where the weights lie and how they are held. */
export interface SessionOptions {
  readonly folder: string;
  readonly policy: WeightPolicy;
  /** See Graph; smaller in tests. */
  readonly tileElements?: number;
  readonly threads?: number;
  readonly device: Device;
}

/** What a pass is to give, and as what its parts are told of. */
export interface Pass {
  /** Names of the outputs that are wanted; all by default. */
  readonly outputs?: readonly string[];
  /** Default "read". */
  readonly kind?: PassKind;
  /** Asked after each part that makes outputs, with all made so far: whether the parts that are left need not run. */
  readonly enough?: (made: Outputs) => boolean;
}
/** Outputs by name; those that were not asked for, or not come to, are missing. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/**
 * A graph made runnable: its parts, run one after another. Sessions leak a little when released, so make each once and
 * keep it.
 */
export class Session {
  private constructor(
    readonly parts: readonly (Omit<Part, "bytes"> & { readonly inner: RuntimeSession })[],
    readonly held: Held,
  ) {}

  /**
   * @param make gives onnxruntime's session of a part
   * @param hold gives the weights that every run takes; needed for graphs that have some
   */
  static create(
    graph: Graph,
    make: (bytes: Uint8Array) => Promise<RuntimeSession>,
    { signal }: Run,
    hold: (weights: Graph["held"]) => Promise<Held> = async () => new Map(),
  ): Promise<Session> {
    return span("make sessions", async () => {
      const held = await hold(graph.held);
      const parts = [];
      for (const { bytes, ...part } of graph.parts()) {
        throwIfCancelled(signal);
        parts.push({ ...part, inner: await make(bytes) });
      }
      return new Session(parts, held);
    });
  }

  /**
   * Runs the graph. Each part blocks this process until it ends; between parts it can be cancelled. Where there are
   * several, each is told of as a layer of a pass.
   */
  run(feeds: Record<string, Feed>, pass: Pass, run: Run): Promise<Outputs> {
    const [rows = 0, , tokens = 0] = feeds.mask?.shape ?? [];
    return span(pass.kind ?? "read", () => this.#run(feeds, pass, run), { rows, tokens });
  }

  async #run(
    feeds: Record<string, Feed>,
    { outputs: wanted, kind = "read", enough }: Pass,
    { signal, progress }: Run,
  ): Promise<Outputs> {
    const layers = this.parts.length;
    const known = new Map<string, RuntimeTensor>();
    for (const [name, { data, shape }] of Object.entries(feeds)) known.set(name, tensorOf(data, shape));
    const made: Record<string, Float32Array> = {};
    for (const [i, { inner, inputs, outputs, lastUsed, results }] of this.parts.entries()) {
      throwIfCancelled(signal);
      const tensors = Object.fromEntries(
        inputs.map((name) => [name, (known.get(name) ?? this.held.get(name)) as RuntimeTensor]),
      );
      for (const name of lastUsed) known.delete(name);
      const fetched = outputs.filter((name) => !wanted || !results.includes(name) || wanted.includes(name));
      for (const [name, value] of Object.entries(await inner.run(tensors, fetched).catch(rejectRun))) {
        known.set(name, value);
        if (results.includes(name)) made[name] = value.data as Float32Array;
      }
      if (layers > 1) progress({ phase: kind, done: 0, total: 0, detail: { layer: i + 1, layers } });
      if (results.length > 0 && enough?.(made)) break;
    }
    return made;
  }
}

/** Makes sessions of parts; one whose content was met before is not made again. */
export class PartSessions {
  readonly #made = new Map<string, RuntimeSession>();

  constructor(readonly options: SessionOptions) {}

  async make(bytes: Uint8Array): Promise<RuntimeSession> {
    const key = createHash("sha256").update(bytes).digest("hex");
    const made = this.#made.get(key) ?? (await createInner(bytes, this.options));
    this.#made.set(key, made);
    return made;
  }
}

/** onnxruntime's session of an ONNX model. */
export async function createInner(model: Uint8Array, options: SessionOptions): Promise<RuntimeSession> {
  return makeSession(model, {
    device: options.device,
    threads: options.threads,
    more: {
      // A twelfth faster for small models (bench/README.md). It keeps its largest size for good, which large ones have no
      // room for, and it ends Electron's process where it asks for much.
      enableCpuMemArena: options.policy === "hold" && !process.versions.electron,
      enableMemPattern: false,
      extra: {
        session: {
          model_external_initializers_file_folder_path: options.folder,
          // Each session has threads of its own. Those of one that waits would spin on the cores that the next one needs.
          intra_op: { allow_spinning: "0" },
          // Else what is mapped or given would be copied, in the products' order.
          ...(options.policy !== "fold" ? { disable_prepacking: "1" } : {}),
        },
        ...(castsAtUse(options.policy) ? { optimization: { disable_specified_optimizers: "ConstantFolding" } } : {}),
      },
    },
  });
}

function rejectRun(error: Error): never {
  const reason = /alloc|memory/i.test(error.message) ? "memory" : "engine";
  throw new RomeError(reason, `onnxruntime could not run the model: ${error.message}`, { cause: error });
}

export function reals(data: Float32Array, ...shape: number[]): Feed {
  return { data, shape };
}

export function integers(data: ArrayLike<number>, ...shape: number[]): Feed {
  return { data: BigInt64Array.from(Array.from(data, BigInt)), shape };
}

/** The deepest folder that holds all files: what the session may map weights from. */
export function commonFolder(files: readonly string[]): string {
  return files.map(dirname).reduce((a, b) => {
    const left = a.split(sep);
    const right = b.split(sep);
    const shared = left.findIndex((part, i) => part !== right[i]);
    return shared === -1 ? a : left.slice(0, shared).join(sep) || sep;
  });
}

/** Path of a file relative to the session's folder. */
export function locateIn(folder: string): (file: string) => string {
  return (file) => relative(folder, file);
}
