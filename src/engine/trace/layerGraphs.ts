/** The model cut at its layers: each part is a graph of its own, so that a run can begin at any layer. */
import { add, mul, sub } from "../graph/elementwise.ts";
import type { Tensor } from "../graph/graph.ts";
import { logSoftmax } from "../graph/layers.ts";
import { pick } from "../graph/shape.ts";
import { blocks, type Tracer } from "../model/graphs.ts";

/** Parts of a block whose output can be restored. */
export const parts = ["mlp", "attention"] as const;
export type Part = (typeof parts)[number];

/** ids [tokens] → residual stream before layer 0 [tokens, d]. */
export function traceEmbedding({ graph, architecture, weights }: Tracer): void {
  const ids = graph.input("ids", ["tokens"], "int64");
  const positions = graph.input("positions", ["tokens"], "int64");
  graph.output("stream", architecture.embed(weights, ids, positions));
}

/**
 * One block. A part's output becomes `clean` [1, d] at the tokens where `on` [tokens, 1] is 1; what it was before that
 * can be had as an output too.
 */
export function traceLayer(tracer: Tracer, layer: number): void {
  const { graph, architecture } = tracer;
  const { width: d } = architecture.size;
  const restore = (part: Part, output: Tensor): Tensor => {
    graph.output(part, output);
    const clean = graph.input(`${part}.clean`, [1, d]);
    return add(output, mul(graph.input(`${part}.on`, ["tokens", 1]), sub(clean, output)));
  };
  const stream = blocks(tracer, {
    x: graph.input("stream", ["tokens", d]),
    flatPositions: graph.input("positions", ["tokens"], "int64"),
    from: layer,
    to: layer,
    mlpOutput: (_layer, _key, value) => restore("mlp", value),
    attentionOutput: (_layer, output) => restore("attention", output),
    onBlock: (_layer, { attended: { present } }) => {
      graph.output("key", present.key);
      graph.output("value", present.value);
    },
  });
  graph.output("after", stream);
}

/** Residual stream after the last layer [selected, d] → log p of so many tokens: `logProb0`, … [selected]. */
export function traceHead(tokens: number): (tracer: Tracer) => void {
  return ({ graph, architecture, weights }) => {
    const stream = graph.input("stream", ["selected", architecture.size.width]);
    const logProbs = logSoftmax(architecture.head(weights, stream));
    for (let i = 0; i < tokens; i++)
      graph.output(`logProb${i}`, pick(logProbs, graph.input(`target${i}`, ["selected"], "int64")));
  };
}
