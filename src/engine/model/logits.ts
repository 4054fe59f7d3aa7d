import type { Tokenizer } from "../checkpoint/tokenizer.ts";

/** A row's logits over the tokens that the tokenizer has; a hole among their ids is never the likeliest. */
export function overTokens(logits: Float32Array, { size, has, hasHoles }: Tokenizer): Float32Array {
  const known = logits.subarray(0, size);
  if (!hasHoles) return known;
  return known.map((logit, id) => (has(id) ? logit : Number.NEGATIVE_INFINITY));
}

export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/** What the largest of the values is ahead of the second. */
export function margin(values: Float32Array): number {
  let [first, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values)
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  return first - second;
}

/** log softmax, in double precision. */
export function logProbabilities(logits: Float32Array): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const logit of logits) top = Math.max(top, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  const shift = top + Math.log(sum);
  const all = new Float64Array(logits.length);
  for (let i = 0; i < all.length; i++) all[i] = (logits[i] as number) - shift;
  return all;
}
