/** Stored numbers as reals. */
import { constant } from "./differentiable.ts";
import type { Tensor } from "./graph.ts";
import { dataType } from "./onnxTypes.ts";
import { castsAtUse } from "./weights.ts";

/**
 * A stored weight as the graph's real type. A Cast of a weight depends on nothing, so onnxruntime would run all of
 * them first and hold every layer in float at once, as `fold` has it. Where weights are cast at use the Cast is made to
 * depend on `anchor`, the activation it will meet: it passes through a Reshape to its own shape, whose shape vector is
 * read off the anchor.
 */
export function asReal(weight: Tensor, anchor: Tensor): Tensor {
  const { graph } = weight;
  if (weight.type === graph.real) return weight;
  if (graph.policy === "hold" && weight.stored && weight.rank === 2) return graph.hold(weight, weight.stored);
  let source = weight;
  if (castsAtUse(graph.policy)) {
    const nothing = graph.emit("Shape", [anchor], [0], "int64", { start: 0, end: 0 });
    const own = graph.integers(weight.shape as number[]);
    const shape = graph.emit("Concat", [nothing, own], [weight.rank], "int64", { axis: 0 });
    source = graph.emit("Reshape", [weight, shape], weight.shape);
  }
  return cast(source);
}

/** A value of any type as reals: constant, as what is cast was stored or is a whole number. */
export function cast(x: Tensor): Tensor {
  const { real } = x.graph;
  return x.type === real ? x : constant(x.graph.emit("Cast", [x], x.shape, real, { to: dataType[real] }));
}
