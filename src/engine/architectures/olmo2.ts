import * as v from "valibot";
import type { Architecture } from "./architecture.ts";
import { readConfig } from "./config.ts";
import { gated } from "./gated.ts";
import { off, siluFields, sizeFields, sizeOf } from "./gatedConfig.ts";
import { readRotary } from "./rotaryFrequencies.ts";

const schema = v.object({
  model_type: v.literal("olmo2"),
  ...sizeFields,
  ...siluFields,
  attention_bias: off,
});

/**
 * OLMo 2 (OLMo et al. 2024; transformers' Olmo2ForCausalLM): attention and MLP read the stream as it is, and what they
 * write is normed; norms on query and key, over all heads as one.
 */
export function olmo2(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  const size = sizeOf(c);
  const frequencies = readRotary(config, size.headSize);
  return gated({
    family: c.model_type,
    size,
    epsilon: c.rms_norm_eps,
    activation: c.hidden_act,
    tied: c.tie_word_embeddings,
    frequencies: () => frequencies,
    norms: { attention: { after: "post_attention_layernorm" }, mlp: { after: "post_feedforward_layernorm" } },
    headNorms: "all",
  });
}
