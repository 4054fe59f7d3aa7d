import { add, scale } from "../graph/elementwise.ts";
import { matmul, softmax } from "../graph/layers.ts";
import { concat, expand, flatten, reshape, split, transpose } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { KeyValues, ModelSize } from "./architecture.ts";

/** [tokens, heads·size] → [rows, n, heads, size]. */
export function splitHeads(x: Tensor, heads: number, size: number): Tensor {
  return reshape(x, ["rows", "n", heads, size]);
}

/**
 * Softmax attention over the past and the present tokens: softmax(q kᵀ/√size + mask) v.
 *
 * The past stays apart from the present (two products instead of one joined matrix), so that the cached keys and
 * values are never copied.
 *
 * @param q [rows, n, heads, size]
 * @param k,v [rows, n, keyHeads, size]
 * @returns merged heads [tokens, heads·size] and the present keys and values
 */
export function attention(
  size: ModelSize,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  past: KeyValues,
  mask: Tensor,
): { output: Tensor; present: KeyValues } {
  const headsFirst = [0, 2, 1, 3];
  const query = scale(transpose(q, headsFirst), 1 / Math.sqrt(size.headSize));
  const present = { key: transpose(k, headsFirst), value: transpose(v, headsFirst) };
  const groups = size.heads / size.keyHeads;
  const scores = (key: Tensor) => matmul(query, transpose(repeatHeads(key, groups), [0, 1, 3, 2]));
  const joined = concat([scores(past.key), scores(present.key)], 3, "total");
  const [onPast, onPresent] = split(softmax(add(joined, mask)), 3, ["past", "n"]) as [Tensor, Tensor];
  const mixed = add(
    matmul(onPast, repeatHeads(past.value, groups)),
    matmul(onPresent, repeatHeads(present.value, groups)),
  );
  const merged = reshape(transpose(mixed, headsFirst), ["rows", "n", size.heads * size.headSize]);
  return { output: flatten(merged, 1, "tokens"), present };
}

/** Grouped-query attention: each of the keyHeads serves `groups` neighbouring heads. */
function repeatHeads(x: Tensor, groups: number): Tensor {
  if (groups === 1) return x;
  const [rows, heads, n, size] = x.shape as [string, number, string, number];
  const repeated = expand(reshape(x, [rows, heads, 1, n, size]), [rows, heads, groups, n, size]);
  return reshape(repeated, [rows, heads * groups, n, size]);
}
