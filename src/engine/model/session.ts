import { createHash } from "node:crypto";
import { dirname, relative, sep } from "node:path";
import * as ort from "onnxruntime-node";
import type { Device } from "../../protocol/engine.ts";
import { RomeError, throwIfCancelled } from "../errors.ts";
import type { Graph, Part, WeightPolicy } from "../graph/graph.ts";
import { providersOf, rejectSession } from "./device.ts";
import { type PassKind, tellPart } from "./passes.ts";

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
  /** onnxruntime's memory arena: faster, but keeps its largest size for good, and crashes under Electron. */
  readonly arena: boolean;
  readonly threads?: number;
  readonly device: Device;
}

/** Of what the numbers may depend on. */
export function runtimeVersions(): { onnxruntime: string; node: string } {
  return { onnxruntime: ort.env.versions.node ?? ort.env.versions.common, node: process.versions.node };
}

/** How a run goes: what it is to give, how it can be stopped between its parts, and as what its parts are told of. */
export interface RunControl {
  /** Names of the outputs that are wanted; all by default. */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
  /** Default "read". */
  readonly kind?: PassKind;
}

/**
 * A graph made runnable: its parts, run one after another. Sessions leak a little when released, so make each once and
 * keep it.
 */
export class Session {
  private constructor(readonly parts: readonly (Omit<Part, "bytes"> & { readonly inner: ort.InferenceSession })[]) {}

  /** @param made parts of other sessions with the same options; a part that is among them is not made again */
  static async create(
    graph: Graph,
    options: SessionOptions,
    signal?: AbortSignal,
    made: Map<string, ort.InferenceSession> = new Map(),
  ): Promise<Session> {
    const parts = [];
    for (const { bytes, ...part } of graph.parts()) {
      throwIfCancelled(signal);
      const key = createHash("sha256").update(bytes).digest("hex");
      const inner = made.get(key) ?? (await createInner(bytes, options));
      made.set(key, inner);
      parts.push({ ...part, inner });
    }
    return new Session(parts);
  }

  /** Runs the graph. Each part blocks this process until it ends; between parts it can be cancelled. */
  async run(feeds: Record<string, Feed>, control: RunControl = {}): Promise<Record<string, Float32Array>> {
    const { outputs: wanted, signal, kind = "read" } = control;
    const known = new Map<string, ort.Tensor>();
    for (const [name, { data, shape }] of Object.entries(feeds))
      known.set(
        name,
        data instanceof Float32Array ? new ort.Tensor("float32", data, shape) : new ort.Tensor("int64", data, shape),
      );
    for (const [i, { inner, inputs, outputs, lastUsed, results }] of this.parts.entries()) {
      throwIfCancelled(signal);
      const tensors = Object.fromEntries(inputs.map((name) => [name, known.get(name) as ort.Tensor]));
      for (const name of lastUsed) known.delete(name);
      const fetched = outputs.filter((name) => !wanted || !results.includes(name) || wanted.includes(name));
      for (const [name, value] of Object.entries(await inner.run(tensors, fetched).catch(rejectRun)))
        known.set(name, value);
      tellPart({ kind, done: i + 1, total: this.parts.length });
    }
    return Object.fromEntries([...known].map(([name, { data }]) => [name, data as Float32Array]));
  }
}

async function createInner(bytes: Uint8Array, options: SessionOptions): Promise<ort.InferenceSession> {
  const streamed = options.policy === "stream";
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: providersOf(options.device),
      enableCpuMemArena: options.arena,
      enableMemPattern: false,
      logSeverityLevel: 3,
      intraOpNumThreads: options.threads ?? 0,
      extra: {
        session: {
          model_external_initializers_file_folder_path: options.folder,
          // Each session has threads of its own. Those of one that waits would spin on the cores that the next one needs.
          intra_op: { allow_spinning: "0" },
          ...(streamed ? { disable_prepacking: "1" } : {}),
        },
        ...(streamed ? { optimization: { disable_specified_optimizers: "ConstantFolding" } } : {}),
      },
    });
  } catch (error) {
    rejectSession(options.device, error as Error);
  }
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
