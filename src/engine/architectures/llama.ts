import * as v from "valibot";
import type { Architecture } from "./architecture.ts";
import { count, readConfig } from "./config.ts";
import { gated } from "./gated.ts";
import { evenCount, off, siluFields, sizeFields, sizeOf, windowFields } from "./gatedConfig.ts";
import { readRotary } from "./rotaryFrequencies.ts";

const shared = { ...sizeFields, ...siluFields };
const qwen = { num_key_value_heads: count, ...windowFields, use_sliding_window: v.optional(v.boolean(), false) };
const schema = v.variant("model_type", [
  v.object({ model_type: v.literal("llama"), ...shared, attention_bias: off, mlp_bias: off }),
  v.object({ model_type: v.literal("mistral"), ...shared, num_key_value_heads: count, ...windowFields }),
  v.object({ model_type: v.literal("qwen2"), ...shared, ...qwen, use_mrope: off }),
  v.object({
    model_type: v.literal("qwen3"),
    ...shared,
    ...qwen,
    head_dim: evenCount,
    attention_bias: off,
  }),
]);
type Config = v.InferOutput<typeof schema>;

/**
 * Llama (Touvron et al. 2023; transformers' LlamaForCausalLM) and what is shaped like it: SmolLM2, Mistral; Qwen2, which
 * has biases on query, key and value; Qwen3, which has a norm on each head's query and key instead.
 */
export function llama(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  const size = sizeOf(c, windowOf(c));
  const frequencies = readRotary(config, size.headSize);
  return gated({
    family: c.model_type,
    size,
    epsilon: c.rms_norm_eps,
    activation: c.hidden_act,
    tied: c.tie_word_embeddings,
    frequencies: () => frequencies,
    norms: { attention: { before: "input_layernorm" }, mlp: { before: "post_attention_layernorm" } },
    biased: c.model_type === "qwen2",
    headNorms: c.model_type === "qwen3" ? "each" : undefined,
  });
}

/** Tokens that attention can look back over, where the model has such a limit. */
function windowOf(c: Config): number | null | undefined {
  switch (c.model_type) {
    case "llama":
      return undefined;
    case "mistral":
      return c.sliding_window;
    case "qwen2":
    case "qwen3":
      return c.use_sliding_window ? c.sliding_window : undefined;
  }
}
