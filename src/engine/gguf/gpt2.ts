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
});

/** GPT-2, whose matrices GGUF holds the other way round. */
export function gpt2(gguf: Gguf): Family {
  const c = readEntries(gguf.metadata, "gpt2.", "architecture", schema);
  const name = (part: string) => `transformer.h.*.${part}`;
  const matrix = { transposed: true } as const;
  return {
    layers: c.block_count,
    config: {
      architectures: ["GPT2LMHeadModel"],
      model_type: "gpt2",
      n_embd: c.embedding_length,
      n_inner: c.feed_forward_length,
      n_layer: c.block_count,
      n_head: c["attention.head_count"],
      n_positions: c.context_length,
      vocab_size: rowsOf(gguf, "token_embd.weight"),
      layer_norm_epsilon: c["attention.layer_norm_epsilon"],
      activation_function: "gelu_new",
      tie_word_embeddings: rowsOf(gguf, "output.weight") === 0,
    },
    weights: {
      "token_embd.weight": { name: "transformer.wte.weight" },
      "position_embd.weight": { name: "transformer.wpe.weight" },
      ...withBias("blk.*.attn_norm", name("ln_1")),
      ...withBias("blk.*.attn_qkv", name("attn.c_attn"), matrix),
      ...withBias("blk.*.attn_output", name("attn.c_proj"), matrix),
      ...withBias("blk.*.ffn_norm", name("ln_2")),
      ...withBias("blk.*.ffn_up", name("mlp.c_fc"), matrix),
      ...withBias("blk.*.ffn_down", name("mlp.c_proj"), matrix),
      ...withBias("output_norm", "transformer.ln_f"),
      "output.weight": { name: "lm_head.weight", optional: true },
    },
    usualPreTokenizer: "gpt-2",
  };
}
