import type { Pullback, Tensor } from "./tensor.ts";

/**
 * Declares how a value depends on its inputs: one pullback an input. An operation is a function that emits nodes and
 * returns `differentiable(output, [input, pullback], …)`; that is all the differentiation engine there is.
 */
export function differentiable(output: Tensor, ...parents: [input: Tensor, pullback: Pullback][]): Tensor {
  for (const [input, pullback] of parents) output.parents.push({ input, pullback });
  return output;
}
