import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { type Family, rowsOf, type Weight, withBias } from "./family.ts";
import type { Gguf } from "./ggufFile.ts";
import { count, decimal, readEntries } from "./metadata.ts";
import { llama3Scaling } from "./ropeFactors.ts";

const schema = v.object({
  block_count: count,
  context_length: count,
  embedding_length: count,
  feed_forward_length: count,
  "attention.head_count": count,
  "attention.head_count_kv": v.optional(count),
  "attention.key_length": v.optional(count),
  "attention.value_length": v.optional(count),
  "attention.layer_norm_rms_epsilon": decimal,
  "rope.dimension_count": v.optional(count),
  "rope.freq_base": v.optional(decimal, 10_000),
  "rope.scaling.type": v.optional(v.picklist(["none", "linear", "yarn"]), "none"),
  "rope.scaling.factor": v.optional(decimal),
  "rope.scaling.original_context_length": v.optional(count),
  expert_count: v.optional(v.never("a mixture of experts cannot be run")),
});

type LlamaType = "llama" | "qwen2" | "qwen3";
const classes: Record<LlamaType, string> = {
  llama: "LlamaForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  qwen3: "Qwen3ForCausalLM",
};

/**
 * Llama, Qwen2 and Qwen3. In GGUF, Llama's query and key have the two halves that turn together interleaved; Qwen's have
 * not.
 *
 * @param ropeFactors what each pair's frequency is divided by, where the file holds that
 */
export function llama(gguf: Gguf, type: LlamaType, ropeFactors?: Float32Array): Family {
  const c = readEntries(gguf.metadata, `${type}.`, "architecture", schema);
  const heads = c["attention.head_count"];
  const keyHeads = c["attention.head_count_kv"] ?? heads;
  const headSize = c["attention.key_length"] ?? c.embedding_length / heads;
  for (const key of ["attention.value_length", "rope.dimension_count"] as const)
    if ((c[key] ?? headSize) !== headSize)
      throw new RomeError(
        "architecture",
        `The GGUF's ${type}.${key} is ${c[key]}; only ${headSize}, a head's size, can be run.`,
      );
  const name = (part: string) => `model.layers.*.${part}`;
  const plain = (part: string): Weight => ({ name: name(`${part}.weight`) });
  const attention = attentionOf(type, name, (row) => interleaved(row, headSize));
  return {
    layers: c.block_count,
    config: {
      architectures: [classes[type]],
      model_type: type,
      hidden_size: c.embedding_length,
      intermediate_size: c.feed_forward_length,
      num_hidden_layers: c.block_count,
      num_attention_heads: heads,
      num_key_value_heads: keyHeads,
      // Left out, not null, where the file does not say: transformers takes null for a size.
      head_dim: c["attention.key_length"],
      max_position_embeddings: c.context_length,
      vocab_size: rowsOf(gguf, "token_embd.weight"),
      rms_norm_eps: c["attention.layer_norm_rms_epsilon"],
      rope_theta: c["rope.freq_base"],
      rope_scaling: scaling(c, headSize, ropeFactors),
      hidden_act: "silu",
      tie_word_embeddings: rowsOf(gguf, "output.weight") === 0,
      ...(type === "llama" ? { attention_bias: false, mlp_bias: false } : { use_sliding_window: false }),
    },
    weights: {
      "token_embd.weight": { name: "model.embed_tokens.weight" },
      "blk.*.attn_norm.weight": plain("input_layernorm"),
      ...attention,
      "blk.*.attn_output.weight": plain("self_attn.o_proj"),
      "blk.*.ffn_norm.weight": plain("post_attention_layernorm"),
      "blk.*.ffn_gate.weight": plain("mlp.gate_proj"),
      "blk.*.ffn_up.weight": plain("mlp.up_proj"),
      "blk.*.ffn_down.weight": plain("mlp.down_proj"),
      "output_norm.weight": { name: "model.norm.weight" },
      "output.weight": { name: "lm_head.weight", optional: true },
    },
  };
}

/** Query, key and value, by their names in GGUF. */
function attentionOf(
  type: LlamaType,
  name: (part: string) => string,
  rowInGguf: (row: number) => number,
): Record<string, Weight> {
  const [q, k, v] = ["q", "k", "v"].map((part) => name(`self_attn.${part}_proj`)) as [string, string, string];
  if (type === "qwen2")
    return { ...withBias("blk.*.attn_q", q), ...withBias("blk.*.attn_k", k), ...withBias("blk.*.attn_v", v) };
  const turned = type === "llama" ? { rowInGguf } : {};
  const norms = {
    "blk.*.attn_q_norm.weight": { name: `${name("self_attn.q_norm")}.weight` },
    "blk.*.attn_k_norm.weight": { name: `${name("self_attn.k_norm")}.weight` },
  };
  return {
    "blk.*.attn_q.weight": { name: `${q}.weight`, ...turned },
    "blk.*.attn_k.weight": { name: `${k}.weight`, ...turned },
    "blk.*.attn_v.weight": { name: `${v}.weight` },
    ...(type === "qwen3" && norms),
  };
}

/** Row i + half · j of a head is row 2i + j in the GGUF (j = 0, 1). */
function interleaved(row: number, headSize: number): number {
  const half = headSize / 2;
  const inHead = row % headSize;
  return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
}

/** config.json's rope_scaling. */
function scaling(c: v.InferOutput<typeof schema>, headSize: number, factors: Float32Array | undefined): unknown {
  if (factors) return llama3Scaling(factors, headSize, c["rope.freq_base"]);
  const kind = c["rope.scaling.type"];
  const factor = c["rope.scaling.factor"];
  if (kind === "none" || factor === undefined) return null;
  const original = c["rope.scaling.original_context_length"];
  return { rope_type: kind, factor, ...(kind === "yarn" && { original_max_position_embeddings: original }) };
}
