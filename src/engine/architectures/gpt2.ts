import * as v from "valibot";
import { add } from "../graph/elementwise.ts";
import { embedding, layerNorm } from "../graph/layers.ts";
import { linear } from "../graph/linear.ts";
import { split } from "../graph/shape.ts";
import { activation } from "./activations.ts";
import type { Architecture, ModelSize } from "./architecture.ts";
import { attention } from "./attention.ts";
import { checkHeads, count, epsilon, readConfig } from "./config.ts";
import { gpt2Head } from "./head.ts";
import { splitHeads } from "./queries.ts";

const schema = v.object({
  model_type: v.literal("gpt2"),
  n_embd: count,
  n_layer: count,
  n_head: count,
  n_inner: v.nullish(count),
  n_positions: count,
  vocab_size: count,
  layer_norm_epsilon: epsilon,
  activation_function: activation("gelu_new", "gelu", "gelu_fast", "gelu_pytorch_tanh"),
  scale_attn_weights: v.optional(v.literal(true)),
  scale_attn_by_inverse_layer_idx: v.optional(v.literal(false)),
  add_cross_attention: v.optional(v.literal(false)),
  tie_word_embeddings: v.optional(v.boolean(), true),
});

/**
 * GPT-2 (Radford et al. 2019; transformers' GPT2LMHeadModel), the model of the ROME paper: learned positions; attention,
 * then the MLP; query, key and value in one matrix; matrices stored [in, out]; the head is the embedding.
 */
export function gpt2(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  checkHeads("n_embd", c.n_embd, "n_head", c.n_head);
  const size: ModelSize = {
    layers: c.n_layer,
    width: c.n_embd,
    inner: c.n_inner ?? 4 * c.n_embd,
    heads: c.n_head,
    keyHeads: c.n_head,
    headSize: c.n_embd / c.n_head,
    vocabulary: c.vocab_size,
    positions: c.n_positions,
  };
  const { width: d, inner: m, heads, headSize } = size;
  const embeddingWeight = "transformer.wte.weight";
  const name = (layer: number, part: string) => `transformer.h.${layer}.${part}`;
  const attentionToStream: Architecture["attentionToStream"] = (weights, layer, merged) =>
    linear(
      merged,
      weights(name(layer, "attn.c_proj.weight"), [d, d]),
      weights(name(layer, "attn.c_proj.bias"), [d]),
      "inOut",
    );

  return {
    family: "gpt2",
    size,
    editedWeight: (layer) => ({ name: name(layer, "mlp.c_proj.weight"), layout: "inOut" }),

    embeddingWeight,

    embed(weights, ids, positions) {
      const tokens = embedding(weights(embeddingWeight, [size.vocabulary, d]), ids);
      return add(tokens, embedding(weights("transformer.wpe.weight", [size.positions, d]), positions));
    },

    block(weights, x, { layer, queries, past, mlpOutput, attentionOutput }) {
      const weight = (part: string, ...shape: number[]) => weights(name(layer, part), shape);
      const norm = (part: string, y: typeof x) =>
        layerNorm(y, weight(`${part}.weight`, d), weight(`${part}.bias`, d), c.layer_norm_epsilon);
      const project = (part: string, y: typeof x, from: number, to: number) =>
        linear(y, weight(`${part}.weight`, from, to), weight(`${part}.bias`, to), "inOut");

      const fused = project("attn.c_attn", norm("ln_1", x), d, 3 * d);
      const [q, k, value] = split(fused, 1, [d, d, d]) as [typeof x, typeof x, typeof x];
      const attended = attention(
        size,
        queries.splitHeads(queries.of(q), heads, headSize),
        splitHeads(k, heads, headSize),
        splitHeads(value, heads, headSize),
        past,
        queries,
      );
      const middle = add(queries.of(x), attentionOutput(attentionToStream(weights, layer, attended.output)));

      const key = c.activation_function(project("mlp.c_fc", norm("ln_2", middle), d, m));
      const written = mlpOutput(key, project("mlp.c_proj", key, m, d));
      return { output: add(middle, written), attended };
    },

    attentionToStream,

    ...gpt2Head(c, size),
  };
}
