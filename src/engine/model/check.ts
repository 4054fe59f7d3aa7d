import type { Run } from "../../protocol/run.ts";
import type { Cache } from "./cache.ts";
import { argmax, margin, overTokens } from "./logits.ts";
import type { Adapter, Model } from "./model.ts";

/** Chooses the next token from a row's logits over the tokenizer's ids. */
export type Choose = (logits: Float32Array, row: number) => number;

/** What a row's pass says: the tokens that are now known, and whether they are sure. */
export interface Checked {
  readonly ids: number[];
  /** The first leads by as much as was asked; a later one that does not is left to the next pass. */
  readonly isSure: boolean;
  /** Of the first of them, over the whole head [V]. */
  readonly logits: Float32Array;
}

export interface CheckedPass {
  readonly next: readonly (readonly number[])[];
  readonly past: Cache | undefined;
  readonly adapters: readonly Adapter[];
  /** By so much the likeliest token has to lead, in logits. */
  readonly lead: number;
  readonly choose: Choose | undefined;
}

/**
 * One pass over prompts, or over a known token a row and what is drafted after it: drafted tokens count as long as they
 * are what would have been chosen, and one more is chosen behind them. The keys and values of the others are marked as
 * padding.
 */
export async function check(
  model: Model,
  { next, past, adapters, lead, choose }: CheckedPass,
  run: Run,
): Promise<{ checked: Checked[]; present: Cache }> {
  const { layers, vocabulary } = model.size;
  const n = next[0]?.length ?? 0;
  // Of a prompt the last token is asked.
  const asked = past ? n : 1;
  const select = next.flatMap((_, row) => Array.from({ length: asked }, (_, i) => row * n + n - asked + i));
  const kind = past ? "generate" : "read";
  const inputs = { tokens: next, past, select, adapters, kind } as const;
  const { logits, present } = await model.forward({ to: layers - 1, logits: true }, inputs, run);
  const valid = Uint8Array.from(present.valid);
  const checked = next.map((row, r): Checked => {
    const at = (i: number) => logits.subarray((r * asked + i) * vocabulary, (r * asked + i + 1) * vocabulary);
    const ids: number[] = [];
    let isSure = true;
    for (let token = 0; token < asked; token++) {
      const known = overTokens(at(token), model.tokenizer);
      const leads = lead === 0 || margin(known) >= lead;
      if (token === 0) isSure = leads;
      else if (!leads) break;
      ids.push(choose ? choose(known, r) : argmax(known));
      if (ids[token] !== row[token + 1]) break;
    }
    valid.fill(0, r * n + n - asked + ids.length, (r + 1) * n);
    return { ids, isSure, logits: at(0) };
  });
  return { checked, present: { ...present, valid } };
}
