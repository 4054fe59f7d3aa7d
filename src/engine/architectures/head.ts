import { softCap } from "../graph/elementwise.ts";
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
