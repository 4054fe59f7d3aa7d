import type { Tensor } from "../graph/graph.ts";
import type { WeightLayout } from "../graph/types.ts";
import type { Queries } from "./queries.ts";

/** The sizes every family of transformers has. */
export interface ModelSize {
  /** Number of blocks. */
  readonly layers: number;
  /** d: width of the residual stream. */
  readonly width: number;
  /** m: inner width of the MLP, the length of a key. */
  readonly inner: number;
  readonly heads: number;
  /** Heads that have keys and values of their own (fewer than `heads` with grouped-query attention). */
  readonly keyHeads: number;
  readonly headSize: number;
  /** V: rows of the output head; may exceed the tokenizer's. */
  readonly vocabulary: number;
  /** Longest sequence. */
  readonly positions: number;
}

/** Gives a weight of the checkpoint as a graph's value; throws a clear error unless it is there with that shape. */
export type WeightSource = (name: string, shape: readonly number[]) => Tensor;

/** Keys and values of attention: [rows, keyHeads, length, headSize] each. */
export interface KeyValues {
  readonly key: Tensor;
  readonly value: Tensor;
}

/** What a block makes of each token by itself, whatever the others are. */
export interface Alone {
  /** [asked, heads·headSize], not yet turned by its position. */
  readonly query: Tensor;
  /** [tokens, keyHeads·headSize] each. */
  readonly key: Tensor;
  readonly value: Tensor;
  /** What the MLP adds to the stream [asked, d]. */
  readonly written: Tensor;
}

/** What a block needs besides the residual stream. */
export interface BlockInputs {
  readonly layer: number;
  /** Position of each token in its sequence, as reals [rows, n]. */
  readonly positions: Tensor;
  /** The tokens to give outputs for, where they stand, and what they may see (total = past + n). */
  readonly queries: Queries;
  /** Of the tokens before these, [rows, keyHeads, past, headSize] each. */
  readonly past: KeyValues;
  /** Replaces the edited matrix' output, given its key and value, before any norm on it; edits enter here. */
  readonly mlpOutput: (key: Tensor, value: Tensor) => Tensor;
  /** Replaces what attention adds to the residual stream [asked, d]; causal tracing enters here. */
  readonly attentionOutput: (output: Tensor) => Tensor;
  /** What `alone` would give, where it is known. */
  readonly alone?: Alone | undefined;
}

/** What attention gave, before its output matrix. */
export interface Attended {
  /** The heads beside one another [asked, heads·headSize]. */
  readonly output: Tensor;
  /** Of all these tokens, [rows, keyHeads, n, headSize] each. */
  readonly present: KeyValues;
  /** How each head's attention is divided among the tokens [rows, heads, asks, total]. */
  readonly shares: () => Tensor;
}

export interface BlockOutputs {
  /** The residual stream after the block [asked, d]. */
  readonly output: Tensor;
  readonly attended: Attended;
}

/** One family of models. Tokens are flat throughout: tokens = rows · n. */
export interface Architecture {
  readonly family: string;
  readonly size: ModelSize;
  /** The matrix that ROME edits (its input is the key, its output the value), and how it is stored. */
  editedWeight(layer: number): { readonly name: string; readonly layout: WeightLayout };
  /** Name of the token-embedding matrix [V, d]. */
  readonly embeddingWeight: string;
  /** What `embed` multiplies that matrix' rows by; 1 where it is not given. */
  readonly embeddingFactor?: number;
  /** @param ids [tokens], @param positions [tokens], integers → residual stream [tokens, d] */
  embed(weights: WeightSource, ids: Tensor, positions: Tensor): Tensor;
  block(weights: WeightSource, x: Tensor, inputs: BlockInputs): BlockOutputs;
  /** The first half of `block`, in families whose MLP does not wait for attention. */
  readonly alone?: (
    weights: WeightSource,
    layer: number,
    x: Tensor,
    inputs: Pick<BlockInputs, "mlpOutput"> & { readonly queries: Pick<Queries, "of"> },
  ) => Alone;
  /**
   * What the edited matrix' output [k, d] becomes on its way to the residual stream, where the block has a norm there;
   * without it, it is added as it is.
   */
  readonly mlpToStream?: (weights: WeightSource, layer: number, value: Tensor) => Tensor;
  /**
   * What the heads [k, heads·headSize] add to the residual stream [k, d]: their output matrix, and any norm behind it,
   * which scales by what it finds `at` other heads where they are given.
   */
  attentionToStream(weights: WeightSource, layer: number, heads: Tensor, at?: Tensor): Tensor;
  /** @param x [k, d] of the residual stream after the last block → logits [k, V] */
  head(weights: WeightSource, x: Tensor): Tensor;
  /** The head's norm [k, d]; it scales by what it finds `at` another stream where that is given. */
  finalNorm(weights: WeightSource, x: Tensor, at?: Tensor): Tensor;
  /** What the head makes of a normed stream [k, d], before any cap: scores [k, V]. */
  unembed(weights: WeightSource, normed: Tensor): Tensor;
  /** Logits are scores z as cap·tanh(z/cap). */
  readonly logitCap?: number;
}
