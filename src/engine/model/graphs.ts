/** The computations the engine runs, traced from an architecture. */
import type { Architecture, KeyValues, WeightSource } from "../architectures/architecture.ts";
import { cast } from "../graph/cast.ts";
import { add, mul } from "../graph/elementwise.ts";
import type { Graph, Tensor } from "../graph/graph.ts";
import { matmul } from "../graph/layers.ts";
import { gather, reshape, transpose } from "../graph/shape.ts";
import type { Dimension } from "../graph/types.ts";

/** A graph under construction, with the model it is traced from. */
export interface Tracer {
  readonly graph: Graph;
  readonly architecture: Architecture;
  readonly weights: WeightSource;
}

export interface ForwardSpec {
  /** Last layer run, included. */
  readonly to: number;
  /** Logits at the flat token numbers `select`; only after the last layer. */
  readonly logits?: boolean;
  /** Return the residual stream after layer `to`. */
  readonly stream?: boolean;
  /** Return the MLP's key and value at layer `to`, at the flat token numbers `tapAt`. */
  readonly tap?: boolean;
  /** Return Σ kkᵀ over the tokens whose `counted` is 1 at layer `to`. */
  readonly moment?: boolean;
  /** Layers with adapters. */
  readonly edits?: readonly number[];
}

type MlpOutput = (layer: number, key: Tensor, value: Tensor) => Tensor;

/** The inputs every run of blocks has, and the blocks from one layer to another. */
export function blocks(
  { graph, architecture, weights }: Tracer,
  {
    x,
    flatPositions,
    from,
    to,
    mlpOutput,
    attentionOutput = (output) => output,
    onPresent,
  }: {
    x: Tensor;
    flatPositions: Tensor;
    from: number;
    to: number;
    mlpOutput: MlpOutput;
    attentionOutput?: (output: Tensor) => Tensor;
    onPresent?: (layer: number, present: KeyValues) => void;
  },
): Tensor {
  const { keyHeads, headSize } = architecture.size;
  const mask = graph.input("mask", ["rows", 1, "n", "total"]);
  const positions = reshape(cast(flatPositions), ["rows", "n"]);
  let stream = x;
  for (let layer = from; layer <= to; layer++) {
    if (layer > from) graph.cut();
    const past = (part: string) => graph.input(`past.${layer}.${part}`, ["rows", keyHeads, "past", headSize]);
    const { output, present } = architecture.block(weights, stream, {
      layer,
      positions,
      mask,
      past: { key: past("key"), value: past("value") },
      mlpOutput: (key, value) => mlpOutput(layer, key, value),
      attentionOutput,
    });
    stream = output;
    onPresent?.(layer, present);
  }
  return stream;
}

type AdapterPart = "u" | "constant" | "on" | "r";

/** The graph's input for a part of a layer's adapters that read the same; see `Adapter`. */
export function adapterInput(layer: number, reads: "key" | "output", part: AdapterPart): string {
  return `adapter.${layer}.${reads}.${part}`;
}

/** From token ids to whatever `spec` asks for, and the tokens' keys and values of attention ("present.{layer}.key"). */
export function traceForward(tracer: Tracer, spec: ForwardSpec): void {
  const { graph, architecture, weights } = tracer;
  const { inner: m, width: d } = architecture.size;
  const ids = graph.input("ids", ["tokens"], "int64");
  const flatPositions = graph.input("positions", ["tokens"], "int64");
  const x = architecture.embed(weights, ids, flatPositions);
  // Σ on · (uᵀx + constant) · r over the adapters of a layer that read the same.
  const adapted = (layer: number, reads: "key" | "output", x: Tensor, length: number) => {
    const input = (part: AdapterPart, ...shape: Dimension[]) => graph.input(adapterInput(layer, reads, part), shape);
    const count = `${reads}Adapters${layer}`;
    const [u, constant] = [input("u", length, count), input("constant", 1, count)];
    const [on, r] = [input("on", "tokens", count), input("r", count, d)];
    return matmul(mul(add(matmul(x, u), constant), on), r);
  };
  const withAdapters = (layer: number, key: Tensor, value: Tensor) => {
    const written = add(value, adapted(layer, "key", key, m));
    return add(written, adapted(layer, "output", written, d));
  };
  const tapped: { key?: Tensor; value?: Tensor } = {};
  const mlpOutput: MlpOutput = (layer, key, value) => {
    const output = spec.edits?.includes(layer) ? withAdapters(layer, key, value) : value;
    if (layer === spec.to) Object.assign(tapped, { key, value: output });
    return output;
  };
  const onPresent = (layer: number, { key, value }: KeyValues) => {
    graph.output(`present.${layer}.key`, key);
    graph.output(`present.${layer}.value`, value);
  };
  const stream = blocks(tracer, { x, flatPositions, from: 0, to: spec.to, mlpOutput, onPresent });
  if (spec.stream) graph.output("stream", stream);
  if (spec.logits) {
    graph.cut();
    const select = graph.input("select", ["selected"], "int64");
    graph.output("logits", architecture.head(weights, gather(stream, select)));
  }
  if (spec.tap) {
    const at = graph.input("tapAt", ["taps"], "int64");
    graph.output("key", gather(tapped.key as Tensor, at));
    graph.output("value", gather(tapped.value as Tensor, at));
  }
  if (spec.moment) {
    const keys = mul(tapped.key as Tensor, graph.input("counted", ["tokens", 1]));
    graph.output("moment", matmul(transpose(keys, [1, 0]), keys));
  }
}
