import { add, scale, softCap } from "../graph/elementwise.ts";
import type { Tensor } from "../graph/graph.ts";
import { matmul, softmax } from "../graph/layers.ts";
import { concat, reshape, split, transpose } from "../graph/shape.ts";
import type { Dimension } from "../graph/types.ts";
import type { Attended, KeyValues, ModelSize } from "./architecture.ts";
import type { Queries } from "./queries.ts";

/** Where a family's scores are not q kᵀ/√size. */
export interface ScoreOptions {
  /** What q kᵀ is multiplied by. */
  readonly scale?: number;
  /** Scores s become cap·tanh(s/cap), before the mask. */
  readonly cap?: number | null;
}

/**
 * Softmax attention over the past and the present tokens: softmax(q kᵀ/√size + mask) v.
 *
 * The past stays apart from the present (two products instead of one joined matrix), so that the cached keys and
 * values are never copied.
 *
 * @param q [rows, asks, heads, size]
 * @param k,v [rows, n, keyHeads, size]
 */
export function attention(
  size: ModelSize,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  past: KeyValues,
  queries: Queries,
  options: ScoreOptions = {},
): Attended {
  const headsFirst = [0, 2, 1, 3];
  const { heads, keyHeads, headSize } = size;
  const factor = options.scale ?? 1 / Math.sqrt(headSize);
  // With grouped queries, each key head serves heads/keyHeads neighbouring heads: their queries stand below one another.
  const grouped = (x: Tensor, width: Dimension) =>
    heads === keyHeads ? x : reshape(x, ["rows", keyHeads, "grouped", width]);
  const asks = q.shape[1] as Dimension;
  const ungrouped = (x: Tensor, width: Dimension) =>
    heads === keyHeads ? x : reshape(x, ["rows", heads, asks, width]);
  const query = grouped(factor === 1 ? transpose(q, headsFirst) : scale(transpose(q, headsFirst), factor), headSize);
  const present = { key: transpose(k, headsFirst), value: transpose(v, headsFirst) };
  const scores = (key: Tensor) => matmul(query, transpose(key, [0, 1, 3, 2]));
  const joined = ungrouped(concat([scores(past.key), scores(present.key)], 3, "total"), "total");
  const shares = grouped(softmax(add(options.cap ? softCap(joined, options.cap) : joined, queries.mask)), "total");
  const [onPast, onPresent] = split(shares, 3, ["past", "n"]) as [Tensor, Tensor];
  const mixed = ungrouped(add(matmul(onPast, past.value), matmul(onPresent, present.value)), headSize);
  const merged = reshape(transpose(mixed, headsFirst), ["rows", asks, heads * headSize]);
  return { output: queries.flat(merged), present, shares: () => ungrouped(shares, "total") };
}
