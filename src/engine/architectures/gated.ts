import { add, mul } from "../graph/elementwise.ts";
import { embedding, linear, rmsNorm, rotary } from "../graph/layers.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Architecture, ModelSize, WeightSource } from "./architecture.ts";
import { attention, splitHeads } from "./attention.ts";
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
  readonly frequencies: RotaryFrequencies;
  readonly norms: { readonly attention: Around; readonly mlp: Around };
  /** Biases on query, key and value. */
  readonly biased?: boolean;
  /** Norms on query and key, of each head by itself. */
  readonly headNorms?: boolean;
}

/**
 * A decoder of Llama's kind: root-mean-square norms; attention, then the MLP, whose key is activation(gate) ⊙ up; heads
 * that share keys and values; rotary positions in halves.
 */
export function gated(kind: GatedKind): Architecture {
  const { family, size, norms, frequencies } = kind;
  const { width: d, inner: m, heads, keyHeads, headSize } = size;
  const embeddingWeight = "model.embed_tokens.weight";
  const name = (layer: number, part: string) => `model.layers.${layer}.${part}`;
  const norm = (weights: WeightSource, part: string, y: Tensor) =>
    rmsNorm(y, weights(`${part}.weight`, [y.shape.at(-1) as number]), kind.epsilon);

  return {
    family,
    size,
    editedWeight: (layer) => ({ name: name(layer, "mlp.down_proj.weight"), layout: "outIn" }),

    embeddingWeight,

    embed: (weights, ids) => embedding(weights(embeddingWeight, [size.vocabulary, d]), ids),

    block(weights, x, { layer, positions, mask, past, mlpOutput, attentionOutput }) {
      const weight = (part: string, ...shape: number[]) => weights(name(layer, part), shape);
      const normed = (part: string | undefined, y: Tensor) => (part ? norm(weights, name(layer, part), y) : y);
      const project = (part: string, y: Tensor, from: number, to: number, biased = false) =>
        linear(y, weight(`${part}.weight`, to, from), biased ? weight(`${part}.bias`, to) : undefined);

      const h = normed(norms.attention.before, x);
      const head = (part: "q" | "k" | "v", count: number) =>
        splitHeads(project(`self_attn.${part}_proj`, h, d, count * headSize, kind.biased), count, headSize);
      const { cos, sin } = rotaryAngles(positions, frequencies);
      const turn = (part: "q" | "k", count: number) =>
        rotary(normed(kind.headNorms ? `self_attn.${part}_norm` : undefined, head(part, count)), cos, sin, "halves");
      const attended = attention(size, turn("q", heads), turn("k", keyHeads), head("v", keyHeads), past, mask);
      const attnOutput = project("self_attn.o_proj", attended.output, heads * headSize, d);
      const middle = add(x, attentionOutput(normed(norms.attention.after, attnOutput)));

      const read = normed(norms.mlp.before, middle);
      const key = mul(kind.activation(project("mlp.gate_proj", read, d, m)), project("mlp.up_proj", read, d, m));
      const written = mlpOutput(key, project("mlp.down_proj", key, m, d));
      return { output: add(middle, normed(norms.mlp.after, written)), present: attended.present };
    },

    head(weights, x) {
      const table = kind.tied ? embeddingWeight : "lm_head.weight";
      return linear(norm(weights, "model.norm", x), weights(table, [size.vocabulary, d]));
    },
  };
}
