/** Sizes and switches that each family's class in transformers (5.24) fills in where a config.json leaves them out. */
const gptSizes = { n_positions: 2048, n_embd: 4096, n_layer: 28, n_head: 16, rotary_dim: 64 };
const gptRest = { activation_function: "gelu_new", layer_norm_epsilon: 1e-5 };
const gated = { hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, hidden_act: "silu" };
const qwen = {
  ...gated,
  vocab_size: 151_936,
  num_key_value_heads: 32,
  intermediate_size: 22_016,
  max_position_embeddings: 32_768,
  rms_norm_eps: 1e-6,
  sliding_window: 4096,
};

const byFamily: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  gpt2: { vocab_size: 50_257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12, ...gptRest },
  gptj: { vocab_size: 50_400, ...gptSizes, ...gptRest },
  codegen: { vocab_size: 50_400, ...gptSizes, ...gptRest },
  gpt_neo: {
    vocab_size: 50_257,
    hidden_size: 2048,
    num_layers: 24,
    num_heads: 16,
    max_position_embeddings: 2048,
    window_size: 256,
    attention_types: [[["global", "local"], 12]],
    ...gptRest,
  },
  gpt_neox: {
    vocab_size: 50_432,
    hidden_size: 6144,
    num_hidden_layers: 44,
    num_attention_heads: 64,
    intermediate_size: 24_576,
    hidden_act: "gelu",
    max_position_embeddings: 2048,
    layer_norm_eps: 1e-5,
  },
  llama: { ...gated, vocab_size: 32_000, intermediate_size: 11_008, max_position_embeddings: 2048, rms_norm_eps: 1e-6 },
  mistral: {
    ...gated,
    vocab_size: 32_000,
    num_key_value_heads: 8,
    intermediate_size: 14_336,
    max_position_embeddings: 131_072,
    rms_norm_eps: 1e-6,
    sliding_window: 4096,
  },
  qwen2: qwen,
  qwen3: { ...qwen, head_dim: 128 },
  phi3: {
    ...gated,
    vocab_size: 32_064,
    hidden_size: 3072,
    intermediate_size: 8192,
    max_position_embeddings: 4096,
    original_max_position_embeddings: 4096,
    rms_norm_eps: 1e-5,
  },
  olmo2: { ...gated, vocab_size: 50_304, intermediate_size: 11_008, max_position_embeddings: 2048, rms_norm_eps: 1e-5 },
};

/** A config.json with what it leaves out filled in as transformers does. */
export function withDefaults(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const family = String(config.model_type);
  return { ...(Object.hasOwn(byFamily, family) ? byFamily[family] : {}), ...config };
}
