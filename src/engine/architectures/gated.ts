import { add, mul, scale } from "../graph/elementwise.ts";
import type { Tensor } from "../graph/graph.ts";
import { embedding, rmsNorm, rotary } from "../graph/layers.ts";
import { linear } from "../graph/linear.ts";
import { split } from "../graph/shape.ts";
import type { Architecture, ModelSize, WeightSource } from "./architecture.ts";
import { attention, type ScoreOptions, splitHeads } from "./attention.ts";
import { headOf } from "./head.ts";
import { rotaryAngles } from "./rotaryAngles.ts";
import type { RotaryFrequencies } from "./rotaryFrequencies.ts";

/** Names of the norms around a part of the block: of what it reads from the stream, and of what it writes there. */
interface Around {
  readonly before?: string;
  readonly after?: string;
}

/** What the families of Llama's kind differ in. */
export interface GatedKind {
  readonly family: string;
  readonly size: ModelSize;
  readonly epsilon: number;
  readonly activation: (x: Tensor) => Tensor;
  /** The head is the embedding. */
  readonly tied: boolean;
  readonly frequencies: (layer: number) => RotaryFrequencies;
  readonly norms: { readonly attention: Around; readonly mlp: Around };
  /** Biases on query, key and value. */
  readonly biased?: boolean;
  /** One matrix for query, key and value, and one for gate and up. */
  readonly fused?: boolean;
  /** Norms on query and key: of each head by itself, or of all heads as one. */
  readonly headNorms?: "each" | "all";
  /** Added to the weights of every norm. */
  readonly gain?: number;
  /** What the token embeddings are multiplied by. */
  readonly embeddingFactor?: number;
  readonly scores?: ScoreOptions;
  /** Logits z become cap·tanh(z/cap). */
  readonly logitCap?: number | null;
}

/**
 * A decoder of Llama's kind: root-mean-square norms; attention, then the MLP, whose key is activation(gate) ⊙ up; heads
 * that share keys and values; rotary positions in halves.
 */
export function gated(kind: GatedKind): Architecture {
  const { family, size, norms, embeddingFactor } = kind;
  const { width: d, inner: m, heads, keyHeads, headSize } = size;
  const embeddingWeight = "model.embed_tokens.weight";
  const name = (layer: number, part: string) => `model.layers.${layer}.${part}`;
  const norm = (weights: WeightSource, part: string, y: Tensor, at?: Tensor) =>
    rmsNorm(y, weights(`${part}.weight`, [y.shape.at(-1) as number]), kind.epsilon, kind.gain, at);
  const normed = (weights: WeightSource, layer: number, part: string | undefined, y: Tensor, at?: Tensor) =>
    part ? norm(weights, name(layer, part), y, at) : y;
  const attentionToStream: Architecture["attentionToStream"] = (weights, layer, merged, at) => {
    const project = (y: Tensor) => linear(y, weights(name(layer, "self_attn.o_proj.weight"), [d, heads * headSize]));
    return normed(weights, layer, norms.attention.after, project(merged), at && project(at));
  };

  return {
    family,
    size,
    editedWeight: (layer) => ({ name: name(layer, "mlp.down_proj.weight"), layout: "outIn" }),

    embeddingWeight,

    embeddingFactor,

    embed(weights, ids) {
      const tokens = embedding(weights(embeddingWeight, [size.vocabulary, d]), ids);
      return embeddingFactor ? scale(tokens, embeddingFactor) : tokens;
    },

    block(weights, x, { layer, positions, mask, past, mlpOutput, attentionOutput }) {
      const weight = (part: string, ...shape: number[]) => weights(name(layer, part), shape);
      const normAt = (part: string | undefined, y: Tensor) => normed(weights, layer, part, y);
      const project = (part: string, y: Tensor, from: number, to: number, biased = false) =>
        linear(y, weight(`${part}.weight`, to, from), biased ? weight(`${part}.bias`, to) : undefined);
      /** Products of y with several matrices, which may be stored as one. */
      const products = (y: Tensor, whole: string, parts: Record<string, number>, biased?: boolean) => {
        const sizes = Object.values(parts);
        const total = sizes.reduce((a, b) => a + b);
        if (kind.fused) return split(project(whole, y, d, total), 1, sizes);
        return Object.entries(parts).map(([part, to]) => project(part, y, d, to, biased));
      };

      const h = normAt(norms.attention.before, x);
      const [queries, keys] = [heads * headSize, keyHeads * headSize];
      const parts = { "self_attn.q_proj": queries, "self_attn.k_proj": keys, "self_attn.v_proj": keys };
      const [q, k, value] = products(h, "self_attn.qkv_proj", parts, kind.biased) as [Tensor, Tensor, Tensor];
      const { cos, sin } = rotaryAngles(positions, kind.frequencies(layer));
      const turn = (y: Tensor, count: number, part: string) => {
        const whole = normAt(kind.headNorms === "all" ? part : undefined, y);
        const each = normAt(kind.headNorms === "each" ? part : undefined, splitHeads(whole, count, headSize));
        return rotary(each, cos, sin, "halves");
      };
      const attended = attention(
        size,
        turn(q, heads, "self_attn.q_norm"),
        turn(k, keyHeads, "self_attn.k_norm"),
        splitHeads(value, keyHeads, headSize),
        past,
        mask,
        kind.scores,
      );
      const middle = add(x, attentionOutput(attentionToStream(weights, layer, attended.output)));

      const read = normAt(norms.mlp.before, middle);
      const halves = products(read, "mlp.gate_up_proj", { "mlp.gate_proj": m, "mlp.up_proj": m });
      const [gate, up] = halves as [Tensor, Tensor];
      const key = mul(kind.activation(gate), up);
      const written = mlpOutput(key, project("mlp.down_proj", key, m, d));
      return { output: add(middle, normAt(norms.mlp.after, written)), attended };
    },

    attentionToStream,

    mlpToStream: norms.mlp.after
      ? (weights, layer, value) => normed(weights, layer, norms.mlp.after, value)
      : undefined,

    ...headOf({
      finalNorm: (weights, x, at) => norm(weights, "model.norm", x, at),
      unembed: (weights, x) => linear(x, weights(kind.tied ? embeddingWeight : "lm_head.weight", [size.vocabulary, d])),
      logitCap: kind.logitCap ?? undefined,
    }),
  };
}
