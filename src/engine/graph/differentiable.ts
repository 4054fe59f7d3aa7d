import type { Pullback, Tensor } from "./graph.ts";

/**
 * Declares how a value depends on its inputs: one pullback an input. An operation is a function that emits nodes and
 * returns `differentiable(output, [input, pullback], …)`, or `constant(output)`; that is all the differentiation engine
 * there is. `gradient` throws where it meets a value about which neither was said.
 */
export function differentiable(output: Tensor, ...parents: [input: Tensor, pullback: Pullback][]): Tensor {
  output.parents = parents.map(([input, pullback]) => ({ input, pullback }));
  return output;
}

/** Declares that no gradient flows back through a value, whatever it was made from. */
export function constant(output: Tensor): Tensor {
  output.parents = [];
  return output;
}
