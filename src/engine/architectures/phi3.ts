import * as v from "valibot";
import type { Architecture } from "./architecture.ts";
import { count, readConfig } from "./config.ts";
import { gated } from "./gated.ts";
import { off, siluFields, sizeFields, sizeOf } from "./gatedConfig.ts";
import { readRotary } from "./rotaryFrequencies.ts";

const schema = v.object({
  model_type: v.literal("phi3"),
  ...sizeFields,
  ...siluFields,
  attention_bias: off,
  sliding_window: v.nullish(count),
});

/**
 * Phi-3 (Abdin et al. 2024; transformers' Phi3ForCausalLM): Llama's block with query, key and value in one matrix, and
 * gate and up in one. Its long-context models are refused by their rotary positions.
 */
export function phi3(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  const size = sizeOf(c, c.sliding_window);
  const frequencies = readRotary(config, size.headSize);
  return gated({
    family: c.model_type,
    size,
    epsilon: c.rms_norm_eps,
    activation: c.hidden_act,
    tied: c.tie_word_embeddings,
    frequencies: () => frequencies,
    norms: { attention: { before: "input_layernorm" }, mlp: { before: "post_attention_layernorm" } },
    fused: true,
  });
}
