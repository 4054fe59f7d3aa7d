import * as v from "valibot";
import { add } from "../graph/elementwise.ts";
import { embedding, layerNorm } from "../graph/layers.ts";
import { linear } from "../graph/linear.ts";
import { activation } from "./activations.ts";
import type { Architecture, ModelSize } from "./architecture.ts";
import { attention } from "./attention.ts";
import { checkHeads, count, epsilon, readConfig } from "./config.ts";
import { gpt2Head } from "./head.ts";
import { splitHeads } from "./queries.ts";

const kinds = v.array(v.picklist(["global", "local"]));
const schema = v.object({
  model_type: v.literal("gpt_neo"),
  hidden_size: count,
  num_layers: count,
  num_heads: count,
  intermediate_size: v.nullish(count),
  max_position_embeddings: count,
  vocab_size: count,
  layer_norm_epsilon: epsilon,
  activation_function: activation("gelu_new", "gelu", "gelu_fast", "gelu_pytorch_tanh"),
  window_size: count,
  // [[["global", "local"], 12]]: the kinds, and how often they are repeated.
  attention_types: v.optional(v.array(v.tuple([kinds, count]))),
  attention_layers: v.optional(kinds),
  tie_word_embeddings: v.optional(v.boolean(), true),
});

/**
 * GPT-Neo (Black et al. 2021; transformers' GPTNeoForCausalLM): GPT-2's block with query, key and value apart and without
 * biases, and scores that are not divided by √size. Every other layer looks back over a window only; texts may be as long
 * as it: within it, it changes nothing.
 */
export function gptNeo(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  checkHeads("hidden_size", c.hidden_size, "num_heads", c.num_heads);
  const types = c.attention_layers ?? c.attention_types?.flatMap(([names]) => names) ?? ["local"];
  const size: ModelSize = {
    layers: c.num_layers,
    width: c.hidden_size,
    inner: c.intermediate_size ?? 4 * c.hidden_size,
    heads: c.num_heads,
    keyHeads: c.num_heads,
    headSize: c.hidden_size / c.num_heads,
    vocabulary: c.vocab_size,
    positions: Math.min(c.max_position_embeddings, types.includes("local") ? c.window_size : Number.POSITIVE_INFINITY),
  };
  const { width: d, inner: m, heads, headSize } = size;
  const embeddingWeight = "transformer.wte.weight";
  const name = (layer: number, part: string) => `transformer.h.${layer}.${part}`;
  const attentionToStream: Architecture["attentionToStream"] = (weights, layer, merged) => {
    const weight = (part: string, ...shape: number[]) => weights(name(layer, `attn.attention.out_proj.${part}`), shape);
    return linear(merged, weight("weight", d, d), weight("bias", d));
  };

  return {
    family: "gpt_neo",
    size,
    editedWeight: (layer) => ({ name: name(layer, "mlp.c_proj.weight"), layout: "outIn" }),

    embeddingWeight,

    embed(weights, ids, positions) {
      const tokens = embedding(weights(embeddingWeight, [size.vocabulary, d]), ids);
      const places = weights("transformer.wpe.weight", [c.max_position_embeddings, d]);
      return add(tokens, embedding(places, positions));
    },

    block(weights, x, { layer, queries, past, mlpOutput, attentionOutput }) {
      const weight = (part: string, ...shape: number[]) => weights(name(layer, part), shape);
      const norm = (part: string, y: typeof x) =>
        layerNorm(y, weight(`${part}.weight`, d), weight(`${part}.bias`, d), c.layer_norm_epsilon);
      const project = (part: string, y: typeof x, from: number, to: number) =>
        linear(y, weight(`${part}.weight`, to, from), weight(`${part}.bias`, to));

      const h = norm("ln_1", x);
      const part = (which: string, y: typeof x) => linear(y, weight(`attn.attention.${which}.weight`, d, d));
      const attended = attention(
        size,
        queries.splitHeads(part("q_proj", queries.of(h)), heads, headSize),
        splitHeads(part("k_proj", h), heads, headSize),
        splitHeads(part("v_proj", h), heads, headSize),
        past,
        queries,
        { scale: 1 },
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
