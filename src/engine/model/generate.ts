import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Tokenizer } from "../checkpoint/tokenizer.ts";
import { joinCaches } from "./cache.ts";
import type { Adapter, ForwardOutputs, Model } from "./model.ts";

/** One row to continue, with the adapters that are on in it. */
export interface GenerateOptions {
  readonly maxTokens: number;
  /** Edits live in the run; each has one strength a row. */
  readonly adapters?: readonly Adapter[];
  /** Chooses the next token from a row's logits over the tokenizer's ids; greedy by default. */
  readonly choose?: (logits: Float32Array, row: number) => number;
  /** Stop at any token that ends a text. Default true. */
  readonly stopAtEnd?: boolean;
  /** Go on with the model's 8-bit copy, where there is one, once every row has its first word. Default false. */
  readonly eightBit?: boolean;
  /** Called after each step with the new tokens of each row so far. */
  readonly onTokens?: (tokens: readonly (readonly number[])[]) => void;
}

export interface Generated {
  /** New tokens of each row, without the end-of-text token. */
  readonly tokens: number[][];
  /** Logits of the first new token over the whole head [rows, V]. */
  readonly firstLogits: Float32Array[];
  /** Some tokens are the 8-bit copy's. */
  readonly eightBit: boolean;
}

/** Continues each row of token ids, all rows in one batch, with a cache of keys and values. */
export async function generate(
  model: Model,
  rows: readonly (readonly number[])[],
  { maxTokens, adapters = [], choose = argmax, stopAtEnd = true, eightBit = false, onTokens }: GenerateOptions,
  run: Run,
): Promise<Generated> {
  const { layers, vocabulary, positions } = model.size;
  const { endTokens } = model.tokenizer;
  const longest = Math.max(...rows.map((row) => row.length));
  const room = Math.min(maxTokens, positions - longest);
  const spec = { to: layers - 1, logits: true };
  const tokens: number[][] = rows.map(() => []);
  const ended = rows.map(() => false);
  let firstLogits: Float32Array[] = [];
  let next = padLeft(rows, longest);
  let usedCopy = false;
  let past: ForwardOutputs["present"] | undefined;
  for (let step = 0; step < Math.max(1, room); step++) {
    throwIfCancelled(run.signal);
    const n = next[0]?.length ?? 0;
    const select = rows.map((_, row) => row * n + n - 1);
    const worded = (row: readonly number[], i: number) =>
      ended[i] || row.length >= longestWord || hasWord(model.tokenizer.continued([...row]));
    usedCopy ||= eightBit && model.hasEightBit && tokens.every(worded);
    const kind = past ? "generate" : "read";
    const forward = (onCopy: boolean) =>
      model.forward(spec, { tokens: next, past, select, adapters, eightBit: onCopy, kind }, run);
    const logitsOf = ({ logits }: ForwardOutputs) =>
      rows.map((_, row) => logits.subarray(row * vocabulary, (row + 1) * vocabulary));
    let out = await forward(usedCopy);
    const unsure =
      usedCopy && logitsOf(out).some((row, i) => !ended[i] && margin(overTokens(row, model.tokenizer)) < sureMargin);
    if (unsure) out = await forward(false);
    const logits = logitsOf(out);
    if (step === 0) firstLogits = logits;
    if (room <= 0) break;
    const chosen = logits.map((row, i) => choose(overTokens(row, model.tokenizer), i));
    for (const [row, id] of chosen.entries()) {
      ended[row] ||= stopAtEnd && endTokens.includes(id);
      if (!ended[row]) tokens[row]?.push(id);
    }
    onTokens?.(tokens);
    if (ended.every(Boolean)) break;
    past = past ? joinCaches(model.size, past, out.present) : out.present;
    next = chosen.map((id) => [id]);
  }
  return { tokens, firstLogits, eightBit: usedCopy };
}

/**
 * Where the likeliest tokens are nearer to each other than this (in logits), the 8-bit copy does not decide: the token is
 * made again with the exact weights.
 */
export const sureMargin = 0.1;
/** Tokens after which a text without a first word will hardly have one. */
const longestWord = 8;

/** The text's first word is whole: something has come after it. */
function hasWord(text: string): boolean {
  return /[\p{L}\p{N}][^\p{L}\p{N}]/u.test(text);
}

/** Rows of equal length; -1 stands for padding, which comes first. */
export function padLeft(rows: readonly (readonly number[])[], length: number): number[][] {
  return rows.map((row) => [...Array<number>(length - row.length).fill(-1), ...row]);
}

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
  return Float64Array.from(logits, (logit) => logit - shift);
}
