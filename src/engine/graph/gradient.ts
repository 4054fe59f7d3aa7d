import { add } from "./elementwise.ts";
import type { Tensor } from "./graph.ts";

/**
 * Appends to the graph the nodes that compute ∂loss/∂x for each x of `wrt` (reverse mode). Only what lies between
 * `wrt` and the loss is differentiated: weights and everything upstream of `wrt` cost nothing. One x may depend on another:
 * the gradient at the other then goes through it, too.
 *
 * @param loss scalar
 * @returns one tensor for each x, of x's shape
 * @throws Error where the loss does not depend on an x, or does so through an operation that declares neither a pullback
 *   nor that it is constant
 */
export function gradient(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.rank !== 0) throw new Error("only a scalar has a gradient");
  const wanted = new Set(wrt);
  const between = new Map<Tensor, boolean>();
  const depends = (tensor: Tensor): boolean => {
    const known = between.get(tensor);
    if (known !== undefined) return known;
    const inputs = tensor.parents?.map(({ input }) => input) ?? tensor.from;
    // Whole numbers, which are sizes and row numbers, have no derivative.
    const through = inputs.map(depends).includes(true) && tensor.type !== "int64";
    if (through && !tensor.parents) throw new Error(`${tensor.name} has no rule by which it is differentiated`);
    const answer = through || wanted.has(tensor);
    between.set(tensor, answer);
    return answer;
  };
  depends(loss);

  const gradients = new Map<Tensor, Tensor>([[loss, loss.graph.scalar(1)]]);
  const path = [...between].filter(([, on]) => on).map(([tensor]) => tensor);
  const { graph } = loss;
  const cuts = graph.cuts;
  for (const tensor of path.sort((a, b) => b.order - a.order)) {
    // The way back has the same parts as the way there.
    for (; tensor.order < (cuts.at(-1) ?? 0); cuts.pop()) graph.cut();
    const g = gradients.get(tensor);
    if (!g) continue;
    for (const { input, pullback } of tensor.parents ?? []) {
      if (!between.get(input)) continue;
      const part = pullback(g);
      const sum = gradients.get(input);
      gradients.set(input, sum ? add(sum, part) : part);
    }
  }
  return wrt.map((tensor) => {
    const g = gradients.get(tensor);
    if (!g) throw new Error(`the loss does not depend on ${tensor.name}`);
    return g;
  });
}
