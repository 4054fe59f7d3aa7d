import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import type { Tensor } from "../graph/graph.ts";
import { embedding, layerNorm } from "../graph/layers.ts";
import { linear } from "../graph/linear.ts";
import { reshape, split } from "../graph/shape.ts";
import type { Dimension } from "../graph/types.ts";
import { activation } from "./activations.ts";
import type { Architecture, ModelSize } from "./architecture.ts";
import { checkHeads, count, epsilon, readConfig } from "./config.ts";
import { headOf } from "./head.ts";
import { parallelBlock } from "./parallel.ts";
import { plainFrequencies } from "./rotaryFrequencies.ts";

const share = v.pipe(v.number(), v.gtValue(0), v.maxValue(1));
const base = v.pipe(v.number(), v.gtValue(1));
const schema = v.object({
  model_type: v.literal("gpt_neox"),
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: count,
  max_position_embeddings: count,
  vocab_size: count,
  layer_norm_eps: epsilon,
  hidden_act: activation("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"),
  // Without it attention and MLP would follow one another.
  use_parallel_residual: v.optional(v.literal(true)),
  attention_bias: v.optional(v.literal(true)),
  tie_word_embeddings: v.optional(v.literal(false)),
  rotary_pct: v.optional(share, 0.25),
  rotary_emb_base: v.optional(base, 10_000),
  rope_scaling: v.nullish(v.never("this program does not know it for GPT-NeoX")),
  rope_parameters: v.nullish(
    v.looseObject({
      rope_type: v.optional(v.literal("default")),
      rope_theta: v.optional(base),
      partial_rotary_factor: v.optional(share),
    }),
  ),
});

/**
 * GPT-NeoX (Black et al. 2022; transformers' GPTNeoXForCausalLM) and Pythia: attention and MLP each with a norm of their
 * own, added to the stream together; query, key and value in one matrix, head by head; rotary positions on part of each
 * head, in halves; a head of its own without bias.
 */
export function gptNeox(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  checkHeads("hidden_size", c.hidden_size, "num_attention_heads", c.num_attention_heads);
  const size: ModelSize = {
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    inner: c.intermediate_size,
    heads: c.num_attention_heads,
    keyHeads: c.num_attention_heads,
    headSize: c.hidden_size / c.num_attention_heads,
    vocabulary: c.vocab_size,
    positions: c.max_position_embeddings,
  };
  const { width: d, inner: m, heads, headSize } = size;
  const turned = Math.floor(headSize * (c.rope_parameters?.partial_rotary_factor ?? c.rotary_pct));
  if (turned < 2 || turned % 2 !== 0)
    throw new RomeError(
      "architecture",
      `config.json: rotary_pct makes ${turned} of ${headSize} components turn; the number must be even.`,
    );
  const frequencies = plainFrequencies(turned, c.rope_parameters?.rope_theta ?? c.rotary_emb_base);
  const embeddingWeight = "gpt_neox.embed_in.weight";
  const name = (layer: number, part: string) => `gpt_neox.layers.${layer}.${part}`;

  return {
    family: "gpt_neox",
    size,
    editedWeight: (layer) => ({ name: name(layer, "mlp.dense_4h_to_h.weight"), layout: "outIn" }),

    embeddingWeight,

    embed: (weights, ids) => embedding(weights(embeddingWeight, [size.vocabulary, d]), ids),

    ...parallelBlock(size, {
      frequencies,
      pairs: "halves",
      alone: (weights, layer, x, { queries, mlpOutput }) => {
        const weight = (part: string, ...shape: number[]) => weights(name(layer, part), shape);
        const norm = (part: string, y: Tensor) =>
          layerNorm(y, weight(`${part}.weight`, d), weight(`${part}.bias`, d), c.layer_norm_eps);
        const project = (part: string, y: Tensor, from: number, to: number) =>
          linear(y, weight(`${part}.weight`, to, from), weight(`${part}.bias`, to));

        const tokens = x.shape[0] as Dimension;
        const fused = project("attention.query_key_value", norm("input_layernorm", x), d, 3 * d);
        const perHead = split(reshape(fused, [tokens, heads, 3 * headSize]), 2, [headSize, headSize, headSize]);
        const [query, key, value] = perHead.map((part) => reshape(part, [tokens, d])) as [Tensor, Tensor, Tensor];
        const read = norm("post_attention_layernorm", queries.of(x));
        const mlpKey = c.hidden_act(project("mlp.dense_h_to_4h", read, d, m));
        const written = mlpOutput(mlpKey, project("mlp.dense_4h_to_h", mlpKey, m, d));
        return { query: queries.of(query), key, value, written };
      },
      attentionToStream: (weights, layer, merged) => {
        const weight = (part: string, ...shape: number[]) => weights(name(layer, `attention.dense.${part}`), shape);
        return linear(merged, weight("weight", d, d), weight("bias", d));
      },
    }),

    ...headOf({
      finalNorm(weights, x, at) {
        const norm = (part: string) => weights(`gpt_neox.final_layer_norm.${part}`, [d]);
        return layerNorm(x, norm("weight"), norm("bias"), c.layer_norm_eps, at);
      },
      unembed: (weights, normed) => linear(normed, weights("embed_out.weight", [size.vocabulary, d])),
    }),
  };
}
