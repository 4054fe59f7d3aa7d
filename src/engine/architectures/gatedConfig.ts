/** What the config.json files of Llama's kind share. */
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { activation } from "./activations.ts";
import type { ModelSize } from "./architecture.ts";
import { checkHeads, count, epsilon } from "./config.ts";

/** A switch that changes the computation where it is on: refused. */
export const off = v.optional(v.literal(false));

/** A whole number of pairs' components. */
export const evenCount = v.pipe(count, v.multipleOf(2));

/** Sizes and ε. */
export const sizeFields = {
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: v.nullish(count),
  intermediate_size: count,
  max_position_embeddings: count,
  vocab_size: count,
  head_dim: v.nullish(evenCount),
  rms_norm_eps: epsilon,
};

/** A gate of x·σ(x), and whether the head is the embedding. */
export const siluFields = {
  hidden_act: activation("silu"),
  tie_word_embeddings: v.optional(v.boolean(), false),
};

/** Which layers look back over a window only, and how far. */
export const windowFields = {
  sliding_window: v.nullish(count),
  layer_types: v.nullish(v.array(v.picklist(["full_attention", "sliding_attention"]))),
};

type Sizes = v.InferOutput<v.ObjectSchema<typeof sizeFields, undefined>>;

/**
 * The model's sizes.
 *
 * @param window tokens that attention can look back over, where there is such a limit: texts may be as long as it, for
 * within it, it changes nothing
 * @throws RomeError ("architecture") where the heads do not fit
 */
export function sizeOf(c: Sizes, window?: number | null): ModelSize {
  const heads = c.num_attention_heads;
  const keyHeads = c.num_key_value_heads ?? heads;
  if (c.head_dim == null) checkHeads("hidden_size", c.hidden_size, "num_attention_heads", heads, 2);
  if (heads % keyHeads !== 0)
    throw new RomeError(
      "architecture",
      `config.json: ${heads} num_attention_heads cannot share ${keyHeads} num_key_value_heads.`,
    );
  return {
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    inner: c.intermediate_size,
    heads,
    keyHeads,
    headSize: c.head_dim ?? c.hidden_size / heads,
    vocabulary: c.vocab_size,
    positions: Math.min(c.max_position_embeddings, window ?? Number.POSITIVE_INFINITY),
  };
}
