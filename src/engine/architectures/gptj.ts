import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import type { Tensor } from "../graph/graph.ts";
import { embedding, geluTanh, layerNorm } from "../graph/layers.ts";
import { linear } from "../graph/linear.ts";
import type { Alone, Architecture, ModelSize } from "./architecture.ts";
import { count, epsilon, readConfig } from "./config.ts";
import { headOf } from "./head.ts";
import { parallelBlock } from "./parallel.ts";
import type { Queries } from "./queries.ts";
import { plainFrequencies } from "./rotaryFrequencies.ts";

/** What GPT-J and CodeGen say of themselves, beside model_type. */
export const gptjFields = {
  n_embd: count,
  n_layer: count,
  n_head: count,
  n_inner: v.nullish(count),
  n_positions: count,
  rotary_dim: v.pipe(count, v.multipleOf(2)),
  vocab_size: count,
  layer_norm_epsilon: epsilon,
  activation_function: v.literal("gelu_new"),
  tie_word_embeddings: v.optional(v.literal(false), false),
};
const schema = v.object({ model_type: v.literal("gptj"), ...gptjFields });
type Config = v.InferOutput<v.ObjectSchema<typeof gptjFields, undefined>> & { readonly model_type: string };

/** A weight of the block at hand. */
type BlockWeight = (part: string, ...shape: number[]) => Tensor;

/** Query [asked, d], key and value [tokens, d] of attention from what it reads [tokens, d]. */
export type Projections = (
  weight: BlockWeight,
  h: Tensor,
  size: ModelSize,
  queries: Pick<Queries, "of">,
) => Pick<Alone, "query" | "key" | "value">;

/**
 * GPT-J (Wang & Komatsuzaki 2021; transformers' GPTJForCausalLM): attention and MLP read the same norm and are added to
 * the stream together; rotary positions on part of each head, in neighbouring pairs; no biases in attention; head with
 * bias.
 */
export function gptj(config: Record<string, unknown>): Architecture {
  return gptjLike(readConfig(schema, config), (weight, h, { width: d }, queries) => {
    const project = (part: string, y: Tensor) => linear(y, weight(`attn.${part}.weight`, d, d));
    return { query: project("q_proj", queries.of(h)), key: project("k_proj", h), value: project("v_proj", h) };
  });
}

/**
 * A family whose blocks are GPT-J's but for how query, key and value are stored.
 *
 * @throws RomeError ("architecture") where the sizes do not fit together
 */
export function gptjLike(c: Config, projections: Projections): Architecture {
  if (c.n_embd % c.n_head !== 0 || c.rotary_dim > c.n_embd / c.n_head)
    throw new RomeError(
      "architecture",
      `config.json: n_embd ${c.n_embd}, n_head ${c.n_head} and rotary_dim ${c.rotary_dim} do not fit together.`,
    );
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
  const { width: d, inner: m } = size;
  const embeddingWeight = "transformer.wte.weight";
  const name = (layer: number, part: string) => `transformer.h.${layer}.${part}`;

  return {
    family: c.model_type,
    size,
    editedWeight: (layer) => ({ name: name(layer, "mlp.fc_out.weight"), layout: "outIn" }),

    embeddingWeight,

    embed: (weights, ids) => embedding(weights(embeddingWeight, [size.vocabulary, d]), ids),

    ...parallelBlock(size, {
      frequencies: plainFrequencies(c.rotary_dim, 10_000),
      pairs: "interleaved",
      alone: (weights, layer, x, { queries, mlpOutput }) => {
        const weight: BlockWeight = (part, ...shape) => weights(name(layer, part), shape);
        const h = layerNorm(x, weight("ln_1.weight", d), weight("ln_1.bias", d), c.layer_norm_epsilon);
        const key = geluTanh(linear(queries.of(h), weight("mlp.fc_in.weight", m, d), weight("mlp.fc_in.bias", m)));
        const written = mlpOutput(key, linear(key, weight("mlp.fc_out.weight", d, m), weight("mlp.fc_out.bias", d)));
        return { ...projections(weight, h, size, queries), written };
      },
      attentionToStream: (weights, layer, merged) =>
        linear(merged, weights(name(layer, "attn.out_proj.weight"), [d, d])),
    }),

    ...headOf({
      finalNorm(weights, x, at) {
        const norm = (part: string) => weights(`transformer.ln_f.${part}`, [d]);
        return layerNorm(x, norm("weight"), norm("bias"), c.layer_norm_epsilon, at);
      },
      unembed: (weights, normed) =>
        linear(normed, weights("lm_head.weight", [size.vocabulary, d]), weights("lm_head.bias", [size.vocabulary])),
    }),
  };
}
