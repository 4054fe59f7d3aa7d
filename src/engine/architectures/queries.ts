import type { Tensor } from "../graph/graph.ts";
import { flatten, gather, reshape, spread } from "../graph/shape.ts";

/**
 * The tokens that a block gives outputs for. In most blocks these are all; behind the last one often only a few are
 * read, and only these go through its queries, what attention writes, and its MLP. Keys and values are made of all.
 */
export interface Queries {
  /** Their rows of a value of all tokens [tokens, w] → [asked, w]. */
  of(x: Tensor): Tensor;
  /** [asked, heads · size] → [rows, asks, heads, size], asks the most of them that any row has. */
  splitHeads(x: Tensor, heads: number, size: number): Tensor;
  /** [rows, asks, w] → [asked, w]. */
  flat(x: Tensor): Tensor;
  /** As reals [rows, asks]. */
  readonly positions: Tensor;
  /** 0 where a query may look, very negative where not: [rows, 1, asks, total]. */
  readonly mask: Tensor;
}

/** Which tokens are asked. */
export interface Asked {
  /** Flat token numbers (row · n + i), distinct [asked]. */
  readonly tokens: Tensor;
  /** Of each row the numbers of those in it, 0 to asked − 1, filled up with any [rows, asks]. */
  readonly slots: Tensor;
  /** Where each stands among the slots (row · asks + i) [asked]. */
  readonly places: Tensor;
}

/** [tokens, heads · size] → [rows, n, heads, size]. */
export function splitHeads(x: Tensor, heads: number, size: number): Tensor {
  return reshape(x, ["rows", "n", heads, size]);
}

/** Every token is asked: asks = n. */
export function allTokens(positions: Tensor, mask: Tensor): Queries {
  return { of: (x) => x, splitHeads, flat: (x) => flatten(x, 1, "tokens"), positions, mask };
}

/** @param all what positions and mask of every token are in */
export function someTokens(all: Queries, { tokens, slots, places }: Asked): Queries {
  /** Rows of a constant [tokens, …] at the slots. */
  const atSlots = (x: Tensor) => spread(gather(x, tokens), slots, places);
  return {
    of: (x) => gather(x, tokens),
    splitHeads: (x, heads, size) => reshape(spread(x, slots, places), ["rows", "asks", heads, size]),
    flat: (x) => gather(flatten(x, 1, "slots"), places),
    positions: atSlots(reshape(all.positions, ["tokens"])),
    mask: reshape(atSlots(reshape(all.mask, ["tokens", "total"])), ["rows", 1, "asks", "total"]),
  };
}
