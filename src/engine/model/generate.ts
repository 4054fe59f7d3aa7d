import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { type Cache, joinCaches } from "./cache.ts";
import { type Choose, check } from "./check.ts";
import { draft } from "./draft.ts";
import type { Adapter, Model } from "./model.ts";

/** One row to continue, with the adapters that are on in it. */
export interface GenerateOptions {
  readonly maxTokens: number;
  /** Edits live in the run; each has one strength a row. */
  readonly adapters?: readonly Adapter[];
  /** The likeliest by default. */
  readonly choose?: Choose;
  /** Stop at any token that ends a text. Default true. */
  readonly stopAtEnd?: boolean;
  /** Go on with the model's 8-bit copy, where there is one, once every row has its first word. Default false. */
  readonly eightBit?: boolean;
  /** Texts that the rows may go on like, such as what the model says without an edit. */
  readonly beside?: readonly (readonly number[])[];
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

/**
 * Continues each row of token ids, all rows in one batch, with a cache of keys and values. Where a greedy text may go on
 * like one that is there, several tokens are drafted and checked in one pass; they are those that a pass each would give.
 */
export async function generate(
  model: Model,
  rows: readonly (readonly number[])[],
  { maxTokens, adapters = [], choose, stopAtEnd = true, eightBit = false, beside = [], onTokens }: GenerateOptions,
  run: Run,
): Promise<Generated> {
  const { size, tokenizer } = model;
  const longest = Math.max(...rows.map((row) => row.length));
  const room = Math.min(maxTokens, size.positions - longest);
  if (room <= 0) {
    const firstLogits = await nextLogits(model, padLeft(rows, longest), adapters, run);
    return { tokens: rows.map(() => []), firstLogits, eightBit: false };
  }
  const mostDrafted = choose ? 0 : Math.floor(checkedTokens / rows.length) - 1;
  const tokens: number[][] = rows.map(() => []);
  const done = rows.map(() => false);
  let next = padLeft(rows, longest);
  let past: Cache | undefined;
  let firstLogits: Float32Array[] | undefined;
  let usedCopy = false;
  do {
    throwIfCancelled(run.signal);
    const worded = (row: readonly number[], i: number) =>
      done[i] || row.length >= longestWord || hasWord(tokenizer.continued([...row]));
    usedCopy ||= eightBit && model.hasEightBit && tokens.every(worded);
    const drafted = past !== undefined && next.some(({ length }) => length > 1);
    const lead = usedCopy ? sureMargin : drafted ? tieMargin : 0;
    const pass = { next, past, adapters, onCopy: usedCopy, lead, choose };
    let out = await check(model, pass, run);
    if (out.checked.some(({ isSure }, row) => !done[row] && !isSure)) {
      const single = next.map(([token]) => [token as number]);
      out = await check(model, { ...pass, next: single, onCopy: false, lead: 0 }, run);
    }
    firstLogits ??= out.checked.map(({ logits }) => logits);
    for (const [row, { ids }] of out.checked.entries())
      for (const id of ids) {
        done[row] ||= stopAtEnd && tokenizer.endTokens.includes(id);
        if (!done[row]) tokens[row]?.push(id);
        done[row] ||= tokens[row]?.length === room;
      }
    onTokens?.(tokens);
    past = past ? joinCaches(size, past, out.present) : out.present;
    const goOn = rows.map((prompt, row) => {
      if (done[row]) return [padding];
      const text = [...prompt, ...(tokens[row] as number[])];
      const left = room + prompt.length - text.length - 1;
      // A pass over more tokens costs more: where drafts fail they are short.
      const hopeful = 2 * (out.checked[row]?.ids.length ?? 0);
      return [text.at(-1) as number, ...draft(text, beside[row] ?? [], Math.min(mostDrafted, left, hopeful))];
    });
    const most = Math.max(...goOn.map(({ length }) => length));
    next = goOn.map((row) => [...row, ...Array<number>(most - row.length).fill(padding)]);
  } while (!done.every(Boolean));
  return { tokens, firstLogits, eightBit: usedCopy };
}

/** Logits of what follows each row, chosen from by nobody. */
async function nextLogits(
  model: Model,
  tokens: readonly (readonly number[])[],
  adapters: readonly Adapter[],
  run: Run,
): Promise<Float32Array[]> {
  const { layers, vocabulary } = model.size;
  const n = tokens[0]?.length ?? 0;
  const select = tokens.map((_, row) => row * n + n - 1);
  const { logits } = await model.forward({ to: layers - 1, logits: true }, { tokens, select, adapters }, run);
  return tokens.map((_, row) => logits.subarray(row * vocabulary, (row + 1) * vocabulary));
}

/** So many tokens a pass, all rows together, take little longer than one: it is the weights that are read and cast. */
const checkedTokens = 16;
/** Stands for no token. */
const padding = -1;

/**
 * Where the likeliest tokens are nearer to each other than this (in logits), the 8-bit copy does not decide: the token is
 * made again with the exact weights.
 */
export const sureMargin = 0.1;
/**
 * A pass over several tokens adds up its products in another order than one over a single token. Where the likeliest tokens
 * are nearer to each other than this (in logits), which is far more than that can change, a drafted pass does not decide.
 */
const tieMargin = 0.01;
/** Tokens after which a text without a first word will hardly have one. */
const longestWord = 8;

/** The text's first word is whole: something has come after it. */
function hasWord(text: string): boolean {
  return /[\p{L}\p{N}][^\p{L}\p{N}]/u.test(text);
}

/** Rows of equal length; -1 stands for padding, which comes first. */
export function padLeft(rows: readonly (readonly number[])[], length: number): number[][] {
  return rows.map((row) => [...Array<number>(length - row.length).fill(padding), ...row]);
}
