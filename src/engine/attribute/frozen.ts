/** What a part of the stream is worth in logits, where every norm on the way scales as it did in the run. */
import type { Run } from "../../protocol/run.ts";
import { mul } from "../graph/elementwise.ts";
import { gradient } from "../graph/gradient.ts";
import { pick, sum } from "../graph/shape.ts";
import type { Tracer } from "../model/graphs.ts";
import type { Model } from "../model/model.ts";
import { integers, reals } from "../model/session.ts";
import { dot } from "../numerics/vectors.ts";

/** logit(A) − logit(B) = direction · stream + rest, at one stream. */
export interface Difference {
  readonly value: number;
  /** [d] */
  readonly direction: Float64Array;
  readonly rest: number;
}

/**
 * The difference of two logits as an affine function of the stream behind the last layer: the final norm's scale is that
 * of this stream, and so is the factor by which a cap shortens each logit. At this stream it is exact.
 *
 * @param stream of the last token behind the last layer [d]
 */
export async function differenceAt(
  model: Model,
  stream: Float32Array,
  targets: readonly [number, number],
  run: Run,
): Promise<Difference> {
  const d = model.size.width;
  const twice = Float32Array.from({ length: 2 * d }, (_, i) => stream[i % d] as number);
  const feeds = { stream: reals(twice, 2, d), at: reals(twice, 2, d), targets: integers(targets, 2) };
  const out = await model.compute({ key: "difference", trace: traceScores }, feeds, run);
  const [scores, slopes] = [out.scores, out.slopes] as [Float32Array, Float32Array];
  const cap = model.architecture.logitCap;
  const direction = new Float64Array(d);
  let value = 0;
  for (const [row, sign] of [1, -1].entries()) {
    const score = scores[row] as number;
    const logit = cap ? cap * Math.tanh(score / cap) : score;
    const factor = score === 0 ? 1 : logit / score;
    for (let i = 0; i < d; i++)
      direction[i] = (direction[i] as number) + sign * factor * (slopes[row * d + i] as number);
    value += sign * logit;
  }
  return { value, direction, rest: value - dot(direction, stream) };
}

/** Scores of a target each, before any cap, and their slopes along the stream with the norm's scale held. */
function traceScores({ graph, architecture, weights }: Tracer): void {
  const d = architecture.size.width;
  const stream = graph.input("stream", ["two", d]);
  const at = graph.input("at", ["two", d]);
  const scores = architecture.unembed(weights, architecture.finalNorm(weights, stream, at));
  const picked = pick(scores, graph.input("targets", ["two"], "int64"));
  graph.output("scores", picked);
  graph.output("slopes", gradient(sum(picked, [0], true), [stream])[0] as typeof stream);
}

/**
 * What each component of a layer's merged heads is worth: the slope of direction · (what attention adds to the stream),
 * with the scale of any norm behind attention held at the run's.
 *
 * @param merged of the last token [heads·headSize]
 * @param direction [d]
 * @returns slopes [heads·headSize], and what attention adds where all heads are 0
 */
export async function headSlopes(
  model: Model,
  layer: number,
  merged: Float32Array,
  direction: Float64Array,
  run: Run,
): Promise<{ slopes: Float32Array; bias: number }> {
  const trace = ({ graph, architecture, weights }: Tracer) => {
    const { heads, headSize, width: d } = architecture.size;
    const input = graph.input("heads", ["one", heads * headSize]);
    const at = graph.input("at", ["one", heads * headSize]);
    const added = mul(architecture.attentionToStream(weights, layer, input, at), graph.input("direction", ["one", d]));
    const total = sum(added, [0, 1], true);
    graph.output("total", total);
    graph.output("slopes", gradient(total, [input])[0] as typeof input);
  };
  const feeds = {
    heads: reals(merged, 1, merged.length),
    at: reals(merged, 1, merged.length),
    direction: reals(Float32Array.from(direction), 1, direction.length),
  };
  const out = await model.compute({ key: `head slopes ${layer}`, trace }, feeds, run);
  const slopes = out.slopes as Float32Array;
  return { slopes, bias: ((out.total as Float32Array)[0] as number) - dot(slopes, merged) };
}
