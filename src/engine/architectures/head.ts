import { softCap } from "../graph/elementwise.ts";
import { layerNorm } from "../graph/layers.ts";
import { linear } from "../graph/linear.ts";
import type { Architecture } from "./architecture.ts";

/** An output head from its steps: norm, matrix, cap. */
export function headOf(
  steps: Pick<Architecture, "finalNorm" | "unembed" | "logitCap">,
): Pick<Architecture, "head" | "finalNorm" | "unembed" | "logitCap"> {
  const { finalNorm, unembed, logitCap } = steps;
  return {
    ...steps,
    head(weights, x) {
      const scores = unembed(weights, finalNorm(weights, x));
      return logitCap ? softCap(scores, logitCap) : scores;
    },
  };
}

/** GPT-2's head and GPT-Neo's: the layer norm `ln_f`, then the embedding's matrix or, untied, one of its own. */
export function gpt2Head(
  config: { readonly layer_norm_epsilon: number; readonly tie_word_embeddings: boolean },
  { width, vocabulary }: Architecture["size"],
): ReturnType<typeof headOf> {
  return headOf({
    finalNorm(weights, x, at) {
      const norm = (part: string) => weights(`transformer.ln_f.${part}`, [width]);
      return layerNorm(x, norm("weight"), norm("bias"), config.layer_norm_epsilon, at);
    },
    unembed(weights, normed) {
      const table = config.tie_word_embeddings ? "transformer.wte.weight" : "lm_head.weight";
      return linear(normed, weights(table, [vocabulary, width]));
    },
  });
}
