import { add, mul, scale } from "../graph/elementwise.ts";
import type { Tensor } from "../graph/graph.ts";
import { embedding, rmsNorm } from "../graph/layers.ts";
import { linear } from "../graph/linear.ts";
import { split } from "../graph/shape.ts";
import type { Architecture, ModelSize, WeightSource } from "./architecture.ts";
import { attention, type ScoreOptions } from "./attention.ts";
import { headOf } from "./head.ts";
import { splitHeads } from "./queries.ts";
import { rotaryTurns } from "./rotaryAngles.ts";
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

    block(weights, x, { layer, positions, queries, past, mlpOutput, attentionOutput }) {
      const weight = (part: string, ...shape: number[]) => weights(name(layer, part), shape);
      const normAt = (part: string | undefined, y: Tensor) => normed(weights, layer, part, y);
      const project = (part: string, y: Tensor, from: number, to: number, biased = false) =>
        linear(y, weight(`${part}.weight`, to, from), biased ? weight(`${part}.bias`, to) : undefined);

      const h = normAt(norms.attention.before, x);
      const [all, shared] = [heads * headSize, keyHeads * headSize];
      const ofAttention = () => {
        if (kind.fused) {
          const fused = project("self_attn.qkv_proj", h, d, all + 2 * shared);
          const [q, k, value] = split(fused, 1, [all, shared, shared]) as [Tensor, Tensor, Tensor];
          return { q: queries.of(q), k, value };
        }
        return {
          q: project("self_attn.q_proj", queries.of(h), d, all, kind.biased),
          k: project("self_attn.k_proj", h, d, shared, kind.biased),
          value: project("self_attn.v_proj", h, d, shared, kind.biased),
        };
      };
      const { q, k, value } = ofAttention();
      const ofAll = (part: string, y: Tensor) => normAt(kind.headNorms === "all" ? part : undefined, y);
      const ofEach = (part: string, y: Tensor) => normAt(kind.headNorms === "each" ? part : undefined, y);
      const turn = rotaryTurns(positions, queries, kind.frequencies(layer), "halves");
      const [qHeads, kHeads] = [
        queries.splitHeads(ofAll("self_attn.q_norm", q), heads, headSize),
        splitHeads(ofAll("self_attn.k_norm", k), keyHeads, headSize),
      ];
      const attended = attention(
        size,
        turn.query(ofEach("self_attn.q_norm", qHeads)),
        turn.key(ofEach("self_attn.k_norm", kHeads)),
        splitHeads(value, keyHeads, headSize),
        past,
        queries,
        kind.scores,
      );
      const middle = add(queries.of(x), attentionOutput(attentionToStream(weights, layer, attended.output)));

      const read = normAt(norms.mlp.before, middle);
      const [gate, up] = kind.fused
        ? (split(project("mlp.gate_up_proj", read, d, 2 * m), 1, [m, m]) as [Tensor, Tensor])
        : [project("mlp.gate_proj", read, d, m), project("mlp.up_proj", read, d, m)];
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
