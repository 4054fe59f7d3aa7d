import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { type Cache, joinCaches } from "./cache.ts";
import { type Choose, check } from "./check.ts";
import { draft, Reach } from "./draft.ts";
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
}

/**
 * Continues each row of token ids, all rows in one batch, with a cache of keys and values. A greedy text is drafted from
 * texts that are there, and several tokens are checked in one pass: they are those that a pass each would give, but for
 * ties within rounding.
 */
export async function generate(
  model: Model,
  rows: readonly (readonly number[])[],
  { maxTokens, adapters = [], choose, stopAtEnd = true, beside = [], onTokens }: GenerateOptions,
  run: Run,
): Promise<Generated> {
  const { size, tokenizer } = model;
  const longest = Math.max(...rows.map((row) => row.length));
  const room = Math.min(maxTokens, size.positions - longest);
  if (room <= 0) {
    const firstLogits = await nextLogits(model, padLeft(rows, longest), adapters, run);
    return { tokens: rows.map(() => []), firstLogits };
  }
  const mostDrafted = choose ? 0 : Math.floor(checkedTokens / rows.length) - 1;
  const tokens: number[][] = rows.map(() => []);
  const done = rows.map(() => false);
  const reaches = rows.map(() => new Reach());
  let next = padLeft(rows, longest);
  let past: Cache | undefined;
  let firstLogits: Float32Array[] | undefined;
  do {
    throwIfCancelled(run.signal);
    const drafted = past !== undefined && next.some(({ length }) => length > 1);
    const pass = { next, past, adapters, lead: drafted ? tieMargin : 0, choose };
    let out = await check(model, pass, run);
    if (out.checked.some(({ isSure }, row) => !done[row] && !isSure)) {
      const single = next.map(([token]) => [token as number]);
      out = await check(model, { ...pass, next: single, lead: 0 }, run);
    }
    firstLogits ??= out.checked.map(({ logits }) => logits);
    for (const [row, { ids }] of out.checked.entries()) {
      const drafts = (next[row] as number[]).slice(1).filter((id) => id !== padding);
      if (past && !done[row]) reaches[row]?.saw(drafts.length, ids.length - 1);
      for (const id of ids) {
        done[row] ||= stopAtEnd && tokenizer.endTokens.includes(id);
        if (!done[row]) tokens[row]?.push(id);
        done[row] ||= tokens[row]?.length === room;
      }
    }
    onTokens?.(tokens);
    past = past ? joinCaches(size, past, out.present) : out.present;
    const goOn = rows.map((prompt, row) => {
      if (done[row]) return [padding];
      const said = tokens[row] as number[];
      const most = Math.min(mostDrafted, room - said.length - 1, (reaches[row] as Reach).most);
      return [said.at(-1) as number, ...draft([...prompt, ...said], beside[row] ?? [], most)];
    });
    const width = Math.max(...goOn.map(({ length }) => length));
    next = goOn.map((row) => [...row, ...Array<number>(width - row.length).fill(padding)]);
  } while (!done.every(Boolean));
  return { tokens, firstLogits };
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

/** So many tokens a pass, all rows together, take not much longer than one: it is the weights that are read and cast. */
const checkedTokens = 16;
/** Stands for no token. */
const padding = -1;

/**
 * A pass over several tokens adds up its products in another order than one over a single token. Where the likeliest tokens
 * are nearer to each other than this (in logits), which is far more than that can change, a drafted pass does not decide.
 */
const tieMargin = 0.01;

/** Rows of equal length; -1 stands for padding, which comes first. */
export function padLeft(rows: readonly (readonly number[])[], length: number): number[][] {
  return rows.map((row) => [...Array<number>(length - row.length).fill(padding), ...row]);
}
