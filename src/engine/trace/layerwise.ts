import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Tracer } from "../model/graphs.ts";
import type { Model } from "../model/model.ts";
import { type Feed, integers, reals } from "../model/session.ts";
import { type Part, parts, traceEmbedding, traceHead, traceLayer } from "./layerGraphs.ts";

/** Tokens of one run: bounds its time and memory, and keeps a small model's activations in the cache. */
const tokensPerRun = 1024;
/** Logits of one run. */
const logitsPerRun = 2 ** 23;

/** Keys and values of attention [rows, keyHeads, length, headSize]. */
export interface Past {
  readonly length: number;
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** A part's output to put back: `clean` [d] at the first token of the rows where `rows` is 1. */
export interface Restore {
  readonly clean: Float32Array;
  readonly rows: Uint8Array;
}

/** Sequences of one length n that all stand after the same number of earlier tokens. */
export interface LayerInputs {
  /** Residual stream before the layer [rows, n, d]. */
  readonly stream: Float32Array;
  readonly n: number;
  readonly past?: Past;
  readonly restore?: Partial<Record<Part, Restore>>;
}

type Output = "after" | "key" | "value" | Part;

/** Runs a model one layer at a time, in bounded pieces. */
export class Layerwise {
  constructor(
    readonly model: Model,
    readonly run: Run,
  ) {}

  /** Residual stream before layer 0 of one sequence [n, d]. */
  async embed(tokens: readonly number[]): Promise<Float32Array> {
    const feeds = {
      ids: integers(tokens, tokens.length),
      positions: integers([...tokens.keys()], tokens.length),
    };
    const { stream } = await this.model.compute({ key: "embedding", trace: traceEmbedding }, feeds, this.run);
    return stream as Float32Array;
  }

  /** Runs one layer and returns the outputs asked for, all rows together. */
  async layer<O extends Output>(
    layer: number,
    inputs: LayerInputs,
    outputs: readonly O[],
  ): Promise<Record<O, Float32Array>> {
    const { width: d, keyHeads, headSize } = this.model.size;
    const { n } = inputs;
    const rows = inputs.stream.length / (n * d);
    const computation = { key: `layer ${layer}`, trace: (tracer: Tracer) => traceLayer(tracer, layer), outputs };
    const sizes = { after: n * d, mlp: n * d, attention: n * d, key: keyHeads * n * headSize };
    const size = (output: Output) => sizes[output === "value" ? "key" : output];
    const results = Object.fromEntries(
      outputs.map((output) => [output, new Float32Array(rows * size(output))]),
    ) as Record<O, Float32Array>;
    const rowsPerRun = Math.max(1, Math.floor(tokensPerRun / n));
    for (let start = 0; start < rows; start += rowsPerRun) {
      throwIfCancelled(this.run.signal);
      const end = Math.min(rows, start + rowsPerRun);
      const out = await this.model.compute(computation, this.#feeds(layer, inputs, start, end), this.run);
      for (const output of outputs) results[output].set(out[output] as Float32Array, start * size(output));
    }
    return results;
  }

  /** The feeds of rows start … end − 1. */
  #feeds(layer: number, { stream, n, past, restore }: LayerInputs, start: number, end: number): Record<string, Feed> {
    const { width: d, keyHeads, headSize } = this.model.size;
    const rows = end - start;
    const length = past?.length ?? 0;
    const perRow = keyHeads * length * headSize;
    const ofPast = (part: "key" | "value") => {
      const values = past?.[part].subarray(start * perRow, end * perRow) ?? new Float32Array(0);
      return new Map([[layer, values]]);
    };
    const valid = new Uint8Array(rows * length).fill(1);
    const cache = { rows, length, valid, keys: ofPast("key"), values: ofPast("value") };
    const feeds: Record<string, Feed> = {
      ...this.model.sequenceFeeds(cache, new Uint8Array(rows * n).fill(1), n, [layer]),
      stream: reals(stream.subarray(start * n * d, end * n * d), rows * n, d),
    };
    for (const part of parts) {
      const on = new Float32Array(rows * n);
      const wanted = restore?.[part];
      for (let row = 0; row < rows; row++) on[row * n] = wanted?.rows[start + row] ?? 0;
      feeds[`${part}.on`] = reals(on, rows * n, 1);
      feeds[`${part}.clean`] = reals(wanted?.clean ?? new Float32Array(d), 1, d);
    }
    return feeds;
  }

  /** Sum of the tokens' probabilities after each row of the residual stream [rows, d] behind the last layer. */
  async probabilities(stream: Float32Array, tokens: readonly number[]): Promise<number[]> {
    const { width: d, vocabulary } = this.model.size;
    const rows = stream.length / d;
    const rowsPerRun = Math.max(1, Math.floor(logitsPerRun / vocabulary));
    const found: number[] = [];
    for (let start = 0; start < rows; start += rowsPerRun) {
      throwIfCancelled(this.run.signal);
      const count = Math.min(rowsPerRun, rows - start);
      const feeds = {
        stream: reals(stream.subarray(start * d, (start + count) * d), count, d),
        ...Object.fromEntries(
          tokens.map((token, i) => [`target${i}`, integers(Array<number>(count).fill(token), count)]),
        ),
      };
      const head = { key: `head${tokens.length}`, trace: traceHead(tokens.length) };
      const logProbs = await this.model.compute(head, feeds, this.run);
      for (let row = 0; row < count; row++)
        found.push(tokens.reduce((sum, _, i) => sum + Math.exp(logProbs[`logProb${i}`]?.[row] as number), 0));
    }
    return found;
  }
}
