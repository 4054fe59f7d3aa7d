import * as v from "valibot";
import { add, mul } from "../graph/elementwise.ts";
import { embedding, linear, rmsNorm, rotary } from "../graph/layers.ts";
import { RomeError } from "../run/errors.ts";
import { activation } from "./activations.ts";
import type { Architecture, ModelSize } from "./architecture.ts";
import { attention, splitHeads } from "./attention.ts";
import { checkHeads, count, epsilon, readConfig } from "./config.ts";
import { rotaryAngles } from "./rotaryAngles.ts";
import { readRotary } from "./rotaryFrequencies.ts";

const off = v.optional(v.literal(false));
const shared = {
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: count,
  max_position_embeddings: count,
  vocab_size: count,
  head_dim: v.nullish(v.pipe(count, v.multipleOf(2))),
  rms_norm_eps: epsilon,
  hidden_act: activation("silu"),
  tie_word_embeddings: v.optional(v.boolean(), false),
};
const windows = {
  sliding_window: v.nullish(count),
  layer_types: v.nullish(v.array(v.picklist(["full_attention", "sliding_attention"]))),
};
const schema = v.variant("model_type", [
  v.object({
    model_type: v.literal("llama"),
    ...shared,
    num_key_value_heads: v.nullish(count),
    attention_bias: off,
    mlp_bias: off,
  }),
  v.object({ model_type: v.literal("mistral"), ...shared, num_key_value_heads: count, ...windows }),
  v.object({
    model_type: v.literal("qwen2"),
    ...shared,
    num_key_value_heads: count,
    ...windows,
    use_sliding_window: v.optional(v.boolean(), false),
    use_mrope: off,
  }),
]);
type Config = v.InferOutput<typeof schema>;

/**
 * Llama (Touvron et al. 2023; transformers' LlamaForCausalLM) and what is shaped like it, SmolLM2, Mistral and Qwen2:
 * root-mean-square norms; attention, then the MLP, whose key is silu(gate) ⊙ up; heads that share keys and values; rotary
 * positions in halves. Qwen2 has biases on query, key and value.
 *
 * Where a window limits attention, texts may be as long as the window: within it, it changes nothing.
 */
export function llama(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  const heads = c.num_attention_heads;
  const keyHeads = c.num_key_value_heads ?? heads;
  if (c.head_dim == null) checkHeads("hidden_size", c.hidden_size, "num_attention_heads", heads, 2);
  if (heads % keyHeads !== 0)
    throw new RomeError(
      "architecture",
      `config.json: ${heads} num_attention_heads cannot share ${keyHeads} num_key_value_heads.`,
    );
  const size: ModelSize = {
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    inner: c.intermediate_size,
    heads,
    keyHeads,
    headSize: c.head_dim ?? c.hidden_size / heads,
    vocabulary: c.vocab_size,
    positions: Math.min(c.max_position_embeddings, windowOf(c)),
  };
  const { width: d, inner: m, headSize } = size;
  const frequencies = readRotary(config, headSize);
  const embeddingWeight = "model.embed_tokens.weight";
  const name = (layer: number, part: string) => `model.layers.${layer}.${part}`;

  return {
    family: c.model_type,
    size,
    editedWeight: (layer) => ({ name: name(layer, "mlp.down_proj.weight"), layout: "outIn" }),

    embeddingWeight,

    embed: (weights, ids) => embedding(weights(embeddingWeight, [size.vocabulary, d]), ids),

    block(weights, x, { layer, positions, mask, past, mlpOutput, attentionOutput }) {
      const weight = (part: string, ...shape: number[]) => weights(name(layer, part), shape);
      const norm = (part: string, y: typeof x) => rmsNorm(y, weight(`${part}.weight`, d), c.rms_norm_eps);
      const project = (part: string, y: typeof x, from: number, to: number) =>
        linear(y, weight(`${part}.weight`, to, from));

      const h = norm("input_layernorm", x);
      const head = (part: "q" | "k" | "v", count: number) => {
        const to = count * headSize;
        const bias = c.model_type === "qwen2" ? weight(`self_attn.${part}_proj.bias`, to) : undefined;
        return splitHeads(linear(h, weight(`self_attn.${part}_proj.weight`, to, d), bias), count, headSize);
      };
      const { cos, sin } = rotaryAngles(positions, frequencies);
      const turn = (y: typeof x) => rotary(y, cos, sin, "halves");
      const attended = attention(
        size,
        turn(head("q", heads)),
        turn(head("k", keyHeads)),
        head("v", keyHeads),
        past,
        mask,
      );
      const middle = add(x, attentionOutput(project("self_attn.o_proj", attended.output, heads * headSize, d)));

      const read = norm("post_attention_layernorm", middle);
      const key = mul(c.hidden_act(project("mlp.gate_proj", read, d, m)), project("mlp.up_proj", read, d, m));
      const written = mlpOutput(key, project("mlp.down_proj", key, m, d));
      return { output: add(middle, written), present: attended.present };
    },

    head(weights, x) {
      const table = c.tie_word_embeddings ? embeddingWeight : "lm_head.weight";
      const h = rmsNorm(x, weights("model.norm.weight", [d]), c.rms_norm_eps);
      return linear(h, weights(table, [size.vocabulary, d]));
    },
  };
}

/** Tokens that attention can look back over, where the model has such a limit. */
function windowOf(c: Config): number {
  const used = c.model_type === "mistral" || (c.model_type === "qwen2" && c.use_sliding_window);
  return (used ? c.sliding_window : undefined) ?? Number.POSITIVE_INFINITY;
}
