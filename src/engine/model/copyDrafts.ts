import type { Run } from "../../protocol/run.ts";
import { type Cache, joinCaches } from "./cache.ts";
import { check } from "./check.ts";
import type { Adapter, Model } from "./model.ts";

/**
 * Drafts by a model's 8-bit copy, token by token (speculative decoding, Leviathan et al. 2023), for one text or batch of
 * texts. Where memory does not hold the copy beside the weights, a token of it is dearer than an exact one; so the time
 * is watched, and the copy left alone once it does not pay.
 */
export class CopyDrafts {
  /** Milliseconds of a pass without the copy's drafts. */
  #alone = 0;
  #drafted = false;
  /** Rounds in a row that were slower than without it; the first one also opens the copy. */
  #slow = 0;

  constructor(
    readonly model: Model,
    readonly adapters: readonly Adapter[],
  ) {}

  /** Whether to ask it for the next round: once a round without it was timed, and while it has not been too slow. */
  get pays(): boolean {
    return this.#alone > 0 && this.#slow < mostSlow;
  }

  /** Told of each round, drafting and checking: its milliseconds, and the most tokens that a row has gained by it. */
  took(milliseconds: number, tokens: number): void {
    if (!this.#drafted) this.#alone = milliseconds;
    else this.#slow = milliseconds > this.#alone * tokens ? this.#slow + 1 : 0;
    this.#drafted = false;
  }

  /**
   * What the copy takes for the next tokens of each row.
   *
   * @param last the known token that each row ends with; -1 for none
   * @param past keys and values, of the exact weights, of all before it
   * @returns [rows, at most `most`]
   */
  async of(last: readonly number[], past: Cache, most: number, run: Run): Promise<number[][]> {
    const { size } = this.model;
    const rows: number[][] = last.map(() => []);
    let [tokens, cache] = [last, past];
    // After a slow round one token shows whether the next one is.
    const wanted = Math.min(most, this.#slow > 0 ? 1 : mostCopied);
    for (let i = 0; i < wanted; i++) {
      const next = tokens.map((token) => [token]);
      const pass = { next, past: cache, adapters: this.adapters, onCopy: true, lead: 0, choose: undefined };
      const { checked, present } = await check(this.model, pass, run);
      tokens = checked.map(({ ids }, row) => ((last[row] as number) < 0 ? -1 : (ids[0] as number)));
      for (const [row, token] of tokens.entries()) rows[row]?.push(token);
      if (i + 1 < wanted) cache = joinCaches(size, cache, present);
    }
    this.#drafted = wanted > 0;
    return rows;
  }
}

const mostSlow = 2;
/** Each draft takes a pass of the copy, and one in ten or so is not what the exact weights take. */
const mostCopied = 4;
