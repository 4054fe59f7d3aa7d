/** The computations the engine runs, traced from an architecture. */
import type { Alone, Architecture, BlockOutputs, WeightSource } from "../architectures/architecture.ts";
import { type Asked, allTokens, type Queries, someTokens } from "../architectures/queries.ts";
import { cast } from "../graph/cast.ts";
import { add, mul } from "../graph/elementwise.ts";
import type { Graph, Tensor } from "../graph/graph.ts";
import { logSoftmax, matmul } from "../graph/layers.ts";
import { columns, gather, reshape, transpose } from "../graph/shape.ts";
import type { Dimension } from "../graph/types.ts";
import { type Feed, integers } from "./session.ts";

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
  /** Return, of the logits, only log p of the token ids `told`. */
  readonly told?: boolean;
  /** Return the residual stream after layer `to`. */
  readonly stream?: boolean;
  /** Return the MLP's key and value at layer `to`, at the flat token numbers `tapAt`. */
  readonly tap?: boolean;
  /** Return what the block after layer `to` makes of each token by itself. */
  readonly alone?: boolean;
  /** Return Σ kkᵀ over the tokens whose `counted` is 1 at layer `to`. */
  readonly moment?: boolean;
  /** Layers with adapters. */
  readonly edits?: readonly number[];
  /** Return what is inside: "streams", the residual stream after every layer; "parts", what it is the sum of. */
  readonly inside?: "streams" | "parts";
}

/** What stands in for the edited matrix' output [asked, d]. */
type MlpOutput = (layer: number, key: Tensor, value: Tensor, queries: Queries) => Tensor;

/**
 * The inputs every run of blocks has, and the blocks from one layer to another → the stream after the last of them, of
 * all tokens or, with `askedOnly`, of those that `askedFeeds` names: the last block then works for no others.
 */
export function blocks(
  { graph, architecture, weights }: Tracer,
  {
    x,
    flatPositions,
    from,
    to,
    askedOnly = false,
    mlpOutput,
    attentionOutput = (_layer, output) => output,
    alone,
    onBlock,
  }: {
    x: Tensor;
    flatPositions: Tensor;
    from: number;
    to: number;
    askedOnly?: boolean;
    mlpOutput: MlpOutput;
    attentionOutput?: (layer: number, output: Tensor, queries: Queries) => Tensor;
    /** Of the first of these blocks, of all tokens, where it is known. */
    alone?: Alone | undefined;
    onBlock?: (layer: number, block: BlockOutputs) => void;
  },
): Tensor {
  const { keyHeads, headSize } = architecture.size;
  const mask = graph.input("mask", ["rows", 1, "n", "total"]);
  const positions = reshape(cast(flatPositions), ["rows", "n"]);
  const all = allTokens(positions, mask);
  let stream = x;
  for (let layer = from; layer <= to; layer++) {
    if (layer > from) graph.cut();
    const past = (part: string) => graph.input(`past.${layer}.${part}`, ["rows", keyHeads, "past", headSize]);
    const queries = askedOnly && layer === to ? someTokens(all, askedOf(graph)) : all;
    const { output, attended } = architecture.block(weights, stream, {
      layer,
      positions,
      queries,
      past: { key: past("key"), value: past("value") },
      mlpOutput: (key, value) => mlpOutput(layer, key, value, queries),
      attentionOutput: (output) => attentionOutput(layer, output, queries),
      alone:
        alone && layer === from
          ? { ...alone, query: queries.of(alone.query), written: queries.of(alone.written) }
          : undefined,
    });
    stream = output;
    onBlock?.(layer, { output, attended });
  }
  return askedOnly && from > to ? someTokens(all, askedOf(graph)).of(stream) : stream;
}

/** The inputs that tell which tokens are asked; "asked" is their number, "asks" the most of any row. */
function askedOf(graph: Graph): Asked {
  return {
    tokens: graph.input("select", ["asked"], "int64"),
    slots: graph.input("slots", ["rows", "asks"], "int64"),
    places: graph.input("places", ["asked"], "int64"),
  };
}

/**
 * What a graph with `askedOnly` is fed to work for some tokens of rows [rows, n].
 *
 * @param select flat token numbers (row · n + i), distinct
 */
export function askedFeeds(select: readonly number[], rows: number, n: number): Record<string, Feed> {
  const perRow = Array.from({ length: rows }, (): number[] => []);
  for (const [i, token] of select.entries()) perRow[Math.floor(token / n)]?.push(i);
  const asks = Math.max(...perRow.map(({ length }) => length));
  const slots = new Uint32Array(rows * asks);
  const places = new Uint32Array(select.length);
  for (const [row, asked] of perRow.entries())
    for (const [slot, i] of asked.entries()) {
      places[i] = row * asks + slot;
      slots[row * asks + slot] = i;
    }
  return {
    select: integers(select, select.length),
    slots: integers(slots, rows, asks),
    places: integers(places, select.length),
  };
}

/** What a block makes of each of these tokens [k, d] by itself; undefined in families whose MLP waits for attention. */
export function aloneOf({ architecture, weights }: Tracer, layer: number, x: Tensor): Alone | undefined {
  return architecture.alone?.(weights, layer, x, { queries: { of: (y) => y }, mlpOutput: (_key, value) => value });
}

/** The name under which a part of it leaves one graph and enters another. */
export function aloneName(part: string): string {
  return `alone.${part}`;
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
  const adapted = (layer: number, reads: "key" | "output", x: Tensor, length: number, queries: Queries) => {
    const input = (part: AdapterPart, ...shape: Dimension[]) => graph.input(adapterInput(layer, reads, part), shape);
    const count = `${reads}Adapters${layer}`;
    const [u, constant] = [input("u", length, count), input("constant", 1, count)];
    const [on, r] = [input("on", "tokens", count), input("r", count, d)];
    return matmul(mul(add(matmul(x, u), constant), queries.of(on)), r);
  };
  const withAdapters = (layer: number, key: Tensor, value: Tensor, queries: Queries) => {
    const written = add(value, adapted(layer, "key", key, m, queries));
    return add(written, adapted(layer, "output", written, d, queries));
  };
  const tapped: { key?: Tensor; value?: Tensor } = {};
  const mlpOutput: MlpOutput = (layer, key, value, queries) => {
    const output = spec.edits?.includes(layer) ? withAdapters(layer, key, value, queries) : value;
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
  // Everything but logits is told of every token.
  const askedOnly = spec.logits === true && !spec.stream && !spec.tap && !spec.alone && !spec.moment && !spec.inside;
  const stream = blocks(tracer, {
    x,
    flatPositions,
    from: 0,
    to: spec.to,
    askedOnly,
    mlpOutput,
    attentionOutput,
    onBlock,
  });
  if (spec.stream) graph.output("stream", stream);
  if (spec.alone) {
    graph.cut();
    const made = aloneOf(tracer, spec.to + 1, stream);
    for (const [part, values] of Object.entries(made ?? {})) graph.output(aloneName(part), values);
  }
  if (spec.logits) {
    graph.cut();
    const asked = askedOnly ? stream : gather(stream, graph.input("select", ["asked"], "int64"));
    const logits = architecture.head(weights, asked);
    if (spec.told) graph.output("logProb", columns(logSoftmax(logits), graph.input("told", ["toldIds"], "int64")));
    else graph.output("logits", logits);
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
