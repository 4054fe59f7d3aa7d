/** The computations the engine runs, traced from an architecture. */
import type { Architecture, BlockOutputs, WeightSource } from "../architectures/architecture.ts";
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
  /** Return what is inside: "streams", the residual stream after every layer; "parts", what it is the sum of. */
  readonly inside?: "streams" | "parts";
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
    attentionOutput = (_layer, output) => output,
    onBlock,
  }: {
    x: Tensor;
    flatPositions: Tensor;
    from: number;
    to: number;
    mlpOutput: MlpOutput;
    attentionOutput?: (layer: number, output: Tensor) => Tensor;
    onBlock?: (layer: number, block: BlockOutputs) => void;
  },
): Tensor {
  const { keyHeads, headSize } = architecture.size;
  const mask = graph.input("mask", ["rows", 1, "n", "total"]);
  const positions = reshape(cast(flatPositions), ["rows", "n"]);
  let stream = x;
  for (let layer = from; layer <= to; layer++) {
    if (layer > from) graph.cut();
    const past = (part: string) => graph.input(`past.${layer}.${part}`, ["rows", keyHeads, "past", headSize]);
    const { output, attended } = architecture.block(weights, stream, {
      layer,
      positions,
      mask,
      past: { key: past("key"), value: past("value") },
      mlpOutput: (key, value) => mlpOutput(layer, key, value),
      attentionOutput: (output) => attentionOutput(layer, output),
    });
    stream = output;
    onBlock?.(layer, { output, attended });
  }
  return stream;
}

type AdapterPart = "u" | "constant" | "on" | "r";

/** The graph's input for a part of a layer's adapters that read the same; see `Adapter`. */
export function adapterInput(layer: number, reads: "key" | "output", part: AdapterPart): string {
  return `adapter.${layer}.${reads}.${part}`;
}

/**
 * From token ids to whatever `spec` asks for, and the tokens' keys and values of attention ("present.{layer}.key").
 * Inside, of every token: "stream.{layer}"; or "embedding", and of each layer what attention and MLP add to the stream
 * ("attention.{layer}", "mlp.{layer}"), the heads before their output matrix ("heads.{layer}") and how their attention is
 * divided ("shares.{layer}" [rows, heads, n, total]).
 */
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
    if (spec.inside === "parts")
      graph.output(`mlp.${layer}`, architecture.mlpToStream?.(weights, layer, output) ?? output);
    return output;
  };
  const attentionOutput = (layer: number, output: Tensor) => {
    if (spec.inside === "parts") graph.output(`attention.${layer}`, output);
    return output;
  };
  const onBlock = (layer: number, { output, attended }: BlockOutputs) => {
    graph.output(`present.${layer}.key`, attended.present.key);
    graph.output(`present.${layer}.value`, attended.present.value);
    if (spec.inside === "streams") graph.output(`stream.${layer}`, output);
    if (spec.inside !== "parts") return;
    graph.output(`heads.${layer}`, attended.output);
    graph.output(`shares.${layer}`, attended.shares());
  };
  if (spec.inside === "parts") graph.output("embedding", x);
  const stream = blocks(tracer, { x, flatPositions, from: 0, to: spec.to, mlpOutput, attentionOutput, onBlock });
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
