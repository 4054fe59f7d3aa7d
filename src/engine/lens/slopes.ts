/** How the stream behind the last layer answers to the stream behind each layer, at the same token. */
import type { Run } from "../../protocol/run.ts";
import { mul } from "../graph/elementwise.ts";
import { gradient } from "../graph/gradient.ts";
import type { Tensor } from "../graph/graph.ts";
import { sum } from "../graph/shape.ts";
import { padLeft } from "../model/generate.ts";
import { blocks, type Tracer } from "../model/graphs.ts";
import type { Model } from "../model/model.ts";
import { type Feed, reals } from "../model/session.ts";

/** Texts that were read once: what their vector-Jacobian products are made from. */
export interface ReadTexts {
  /** 1 for a token, 0 for padding [tokens]. */
  readonly present: Uint8Array;
  readonly feeds: Readonly<Record<string, Feed>>;
  /** The stream behind the last layer [tokens, d]. */
  readonly final: Float32Array;
}

/**
 * Reads texts. In what is differentiated later, each token stands alone: it sees the earlier tokens as a past that does not
 * change, and itself. The numbers are the same, and nothing of one token's probe reaches another's stream.
 *
 * @param texts token ids, a text a row
 */
export async function readTexts(model: Model, texts: readonly (readonly number[])[], run: Run): Promise<ReadTexts> {
  const { layers, width: d } = model.size;
  const n = Math.max(...texts.map(({ length }) => length));
  const spec = { to: layers - 1, inside: "streams" } as const;
  const { present: seen, inside } = await model.forward(spec, { tokens: padLeft(texts, n) }, run);
  const rows = texts.length;
  const above = model.layers.slice(1);
  const { mask: _, ...others } = model.sequenceFeeds({ ...seen, length: 0 }, seen.valid, n, []);
  const [shape, first] = [[rows, model.size.keyHeads, n, model.size.headSize], inside["stream.0"] as Float32Array];
  return {
    present: seen.valid,
    final: inside[`stream.${layers - 1}`] as Float32Array,
    feeds: {
      ...others,
      mask: reals(aloneMask(seen.valid, rows, n), rows, 1, n, 2 * n),
      stream: reals(first, rows * n, d),
      ...Object.fromEntries(
        above.flatMap((layer) => [
          [`past.${layer}.key`, reals(seen.keys.get(layer) as Float32Array, ...shape)],
          [`past.${layer}.value`, reals(seen.values.get(layer) as Float32Array, ...shape)],
        ]),
      ),
    },
  };
}

/** 0 where token i may look: the past's tokens before it, and itself; very negative elsewhere [rows, n, 2n]. */
function aloneMask(present: Uint8Array, rows: number, n: number): Float32Array {
  const mask = new Float32Array(rows * n * 2 * n).fill(-1e9);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < n; i++) {
      const at = (row * n + i) * 2 * n;
      for (let j = 0; j < i; j++) if (present[row * n + j]) mask[at + j] = 0;
      mask[at + n + i] = 0;
    }
  return mask;
}

/**
 * Jᵀv of every token: the slope of (its probe v) · (its stream behind the last layer) along its stream behind each layer but
 * the last [layers − 1][tokens, d].
 *
 * @param probes v of each token [tokens, d]
 */
export async function slopesOf(
  model: Model,
  { feeds }: ReadTexts,
  probes: Float32Array,
  run: Run,
): Promise<Float32Array[]> {
  const d = model.size.width;
  const all = { ...feeds, probes: reals(probes, probes.length / d, d) };
  const out = await model.compute({ key: "slopes", trace: traceSlopes, kind: "solve" }, all, run);
  return model.layers.slice(0, -1).map((layer) => out[`slope.${layer}`] as Float32Array);
}

function traceSlopes(tracer: Tracer): void {
  const { graph, architecture } = tracer;
  const { layers, width: d } = architecture.size;
  const streams = [graph.input("stream", ["tokens", d])];
  const final = blocks(tracer, {
    x: streams[0] as Tensor,
    flatPositions: graph.input("positions", ["tokens"], "int64"),
    from: 1,
    to: layers - 1,
    mlpOutput: (_layer, _key, value) => value,
    onBlock: (layer, { output }) => {
      if (layer < layers - 1) streams.push(output);
    },
  });
  const along = sum(mul(final, graph.input("probes", ["tokens", d])), [0, 1], true);
  for (const [layer, slope] of gradient(along, streams).entries()) graph.output(`slope.${layer}`, slope);
}
