import * as v from "valibot";
import { type Family, rowsOf, withBias } from "./family.ts";
import type { Gguf } from "./ggufFile.ts";
import { count, decimal, readEntries } from "./metadata.ts";

const schema = v.object({
  block_count: count,
  context_length: count,
  embedding_length: count,
  feed_forward_length: count,
  "attention.head_count": count,
  "attention.layer_norm_epsilon": decimal,
  "rope.dimension_count": count,
  "rope.freq_base": v.optional(decimal, 10_000),
  use_parallel_residual: v.boolean(),
});

/** GPT-NeoX and Pythia. GGUF holds all queries, then all keys, then all values; Hugging Face the three head by head. */
export function gptNeox(gguf: Gguf): Family {
  const c = readEntries(gguf.metadata, "gptneox.", "architecture", schema);
  const name = (part: string) => `gpt_neox.layers.*.${part}`;
  const width = c.embedding_length;
  const headSize = width / c["attention.head_count"];
  const rowInGguf = (row: number) => {
    const [head, inHead] = [Math.floor(row / (3 * headSize)), row % (3 * headSize)];
    return Math.floor(inHead / headSize) * width + head * headSize + (inHead % headSize);
  };
  return {
    layers: c.block_count,
    config: {
      architectures: ["GPTNeoXForCausalLM"],
      model_type: "gpt_neox",
      hidden_size: width,
      intermediate_size: c.feed_forward_length,
      num_hidden_layers: c.block_count,
      num_attention_heads: c["attention.head_count"],
      max_position_embeddings: c.context_length,
      vocab_size: rowsOf(gguf, "token_embd.weight"),
      layer_norm_eps: c["attention.layer_norm_epsilon"],
      rotary_pct: c["rope.dimension_count"] / headSize,
      rotary_emb_base: c["rope.freq_base"],
      hidden_act: "gelu",
      use_parallel_residual: c.use_parallel_residual,
      tie_word_embeddings: false,
    },
    weights: {
      "token_embd.weight": { name: "gpt_neox.embed_in.weight" },
      ...withBias("blk.*.attn_norm", name("input_layernorm")),
      ...withBias("blk.*.attn_qkv", name("attention.query_key_value"), { rowInGguf }),
      ...withBias("blk.*.attn_output", name("attention.dense")),
      ...withBias("blk.*.ffn_norm", name("post_attention_layernorm")),
      ...withBias("blk.*.ffn_up", name("mlp.dense_h_to_4h")),
      ...withBias("blk.*.ffn_down", name("mlp.dense_4h_to_h")),
      ...withBias("output_norm", "gpt_neox.final_layer_norm"),
      "output.weight": { name: "embed_out.weight" },
    },
    usualPreTokenizer: "gpt-2",
  };
}
