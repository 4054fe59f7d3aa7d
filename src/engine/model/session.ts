import { dirname, relative, sep } from "node:path";
import * as ort from "onnxruntime-node";
import { RomeError } from "../errors.ts";
import type { Graph, WeightPolicy } from "../graph/graph.ts";

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
  /** onnxruntime's memory arena: faster, but keeps its largest size for good, and crashes under Electron. */
  readonly arena: boolean;
  readonly threads?: number;
}

/** Of what the numbers may depend on. */
export function runtimeVersions(): Record<string, string> {
  return { onnxruntime: ort.env.versions.node ?? ort.env.versions.common, node: process.versions.node };
}

/** A graph made runnable. Sessions leak a little when released, so make each once and keep it. */
export class Session {
  private constructor(readonly inner: ort.InferenceSession) {}

  static async create(graph: Graph, options: SessionOptions): Promise<Session> {
    const streamed = options.policy === "stream";
    try {
      const inner = await ort.InferenceSession.create(graph.toBytes(), {
        executionProviders: ["cpu"],
        enableCpuMemArena: options.arena,
        enableMemPattern: false,
        logSeverityLevel: 3,
        intraOpNumThreads: options.threads ?? 0,
        extra: {
          session: {
            model_external_initializers_file_folder_path: options.folder,
            ...(streamed ? { disable_prepacking: "1" } : {}),
          },
          ...(streamed ? { optimization: { disable_specified_optimizers: "ConstantFolding" } } : {}),
        },
      });
      return new Session(inner);
    } catch (error) {
      throw new RomeError("engine", `onnxruntime could not load the model: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /**
   * Runs the graph. Blocks this process until it ends, so callers keep each run short and look for cancellation between.
   *
   * @param outputs names of the outputs that are wanted; all by default
   */
  async run(feeds: Record<string, Feed>, outputs?: readonly string[]): Promise<Record<string, Float32Array>> {
    const tensors = Object.entries(feeds).map(([name, { data, shape }]) => [
      name,
      data instanceof Float32Array ? new ort.Tensor("float32", data, shape) : new ort.Tensor("int64", data, shape),
    ]);
    try {
      const results = await this.inner.run(Object.fromEntries(tensors), outputs ?? this.inner.outputNames);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, value.data as Float32Array]));
    } catch (error) {
      const message = (error as Error).message;
      const reason = /alloc|memory/i.test(message) ? "memory" : "engine";
      throw new RomeError(reason, `onnxruntime could not run the model: ${message}`, { cause: error });
    }
  }
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
