import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { activation } from "./activations.ts";
import type { Architecture } from "./architecture.ts";
import { count, readConfig } from "./config.ts";
import { gated } from "./gated.ts";
import { evenCount, off, sizeFields, sizeOf, windowFields } from "./gatedConfig.ts";
import { type RotaryFrequencies, readRotary } from "./rotaryFrequencies.ts";

const cap = v.nullish(v.pipe(v.number(), v.gtValue(0)));
const parameters = v.record(v.string(), v.unknown());
const shared = {
  ...sizeFields,
  ...windowFields,
  num_key_value_heads: count,
  head_dim: evenCount,
  hidden_activation: activation("gelu_pytorch_tanh"),
  query_pre_attn_scalar: v.pipe(v.number(), v.gtValue(0)),
  final_logit_softcapping: cap,
  attention_bias: off,
  use_bidirectional_attention: v.nullish(v.literal(false)),
  tie_word_embeddings: v.optional(v.boolean(), true),
};
const schema = v.variant("model_type", [
  v.object({ model_type: v.literal("gemma2"), ...shared, attn_logit_softcapping: cap }),
  v.object({
    model_type: v.literal("gemma3_text"),
    ...shared,
    attn_logit_softcapping: v.nullish(v.never("transformers passes over it")),
    sliding_window_pattern: v.optional(count, 6),
    rope_local_base_freq: v.optional(v.number(), 10_000),
    rope_theta: v.optional(v.number(), 1_000_000),
    rope_scaling: v.nullish(parameters),
    rope_parameters: v.nullish(v.object({ full_attention: parameters, sliding_attention: parameters })),
  }),
]);
type Config = v.InferOutput<typeof schema>;

/**
 * Gemma 2 (Gemma Team 2024) and the text models of Gemma 3 (2025; transformers' Gemma2ForCausalLM and
 * Gemma3ForCausalLM): norms, of weights less one, before and after attention and MLP; embeddings multiplied by √d; layers
 * that look back over a window between those that see all. Gemma 2 caps its scores and logits; Gemma 3 has norms on each
 * head's query and key, and rotary positions of their own for the layers with a window.
 */
export function gemma(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  const pattern = c.model_type === "gemma3_text" ? c.sliding_window_pattern : 2;
  const isGlobal = c.layer_types
    ? c.layer_types.map((type) => type === "full_attention")
    : Array.from({ length: c.num_hidden_layers }, (_, layer) => (layer + 1) % pattern === 0);
  if (isGlobal.length !== c.num_hidden_layers)
    throw new RomeError(
      "architecture",
      `config.json: layer_types names ${isGlobal.length} layers, num_hidden_layers ${c.num_hidden_layers}.`,
    );
  const size = sizeOf(c, isGlobal.includes(false) ? c.sliding_window : undefined);
  const { everywhere, nearby } = readFrequencies(c, config, size.headSize);
  return gated({
    family: c.model_type,
    size,
    epsilon: c.rms_norm_eps,
    activation: c.hidden_activation,
    tied: c.tie_word_embeddings,
    frequencies: (layer) => (isGlobal[layer] ? everywhere : nearby),
    norms: {
      attention: { before: "input_layernorm", after: "post_attention_layernorm" },
      mlp: { before: "pre_feedforward_layernorm", after: "post_feedforward_layernorm" },
    },
    headNorms: c.model_type === "gemma3_text" ? "each" : undefined,
    gain: 1,
    embeddingFactor: Math.sqrt(c.hidden_size),
    scores: { scale: 1 / Math.sqrt(c.query_pre_attn_scalar), cap: c.attn_logit_softcapping },
    logitCap: c.final_logit_softcapping,
  });
}

/** Rotary frequencies of the layers that see all, and of those with a window. */
function readFrequencies(
  c: Config,
  config: Record<string, unknown>,
  headSize: number,
): { everywhere: RotaryFrequencies; nearby: RotaryFrequencies } {
  if (c.model_type === "gemma2") {
    const same = readRotary(config, headSize);
    return { everywhere: same, nearby: same };
  }
  const { rope_parameters: newer, rope_theta, rope_local_base_freq, rope_scaling: older } = c;
  const { max_position_embeddings } = c;
  const read = (places: Record<string, unknown>) => readRotary({ max_position_embeddings, ...places }, headSize);
  return {
    everywhere: read({ rope_theta, rope_scaling: older, rope_parameters: newer?.full_attention }),
    nearby: read({ rope_theta: rope_local_base_freq, rope_parameters: newer?.sliding_attention }),
  };
}
