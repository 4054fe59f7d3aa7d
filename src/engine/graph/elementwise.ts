/** Operations that act on each element, with numpy's broadcasting; forward and pullback side by side. */
import { differentiable } from "./differentiable.ts";
import type { Tensor } from "./graph.ts";
import { reshape, sum } from "./shape.ts";
import type { Dimension } from "./types.ts";

/** Shape that two shapes broadcast to. */
function broadcast(a: readonly Dimension[], b: readonly Dimension[]): Dimension[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`shapes [${a}] and [${b}] do not broadcast`);
    return x === 1 ? y : x;
  });
}

/** Sums a gradient over the axes along which `x` was broadcast. */
function unbroadcast(g: Tensor, x: Tensor): Tensor {
  const lead = g.rank - x.rank;
  const axes = g.shape.flatMap((size, axis) =>
    axis < lead || (x.shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? g : reshape(sum(g, axes), x.shape);
}

function binary(operator: string, a: Tensor, b: Tensor): Tensor {
  return a.graph.emit(operator, [a, b], broadcast(a.shape, b.shape));
}

function unary(operator: string, x: Tensor): Tensor {
  return x.graph.emit(operator, [x], x.shape);
}

export function add(a: Tensor, b: Tensor): Tensor {
  return differentiable(binary("Add", a, b), [a, (g) => unbroadcast(g, a)], [b, (g) => unbroadcast(g, b)]);
}

export function sub(a: Tensor, b: Tensor): Tensor {
  return differentiable(binary("Sub", a, b), [a, (g) => unbroadcast(g, a)], [b, (g) => unbroadcast(scale(g, -1), b)]);
}

export function mul(a: Tensor, b: Tensor): Tensor {
  return differentiable(
    binary("Mul", a, b),
    [a, (g) => unbroadcast(mul(g, b), a)],
    [b, (g) => unbroadcast(mul(g, a), b)],
  );
}

/** x · factor for a number known when the graph is made. */
export function scale(x: Tensor, factor: number): Tensor {
  return differentiable(binary("Mul", x, x.graph.scalar(factor)), [x, (g) => scale(g, factor)]);
}

/** x + term for a number known when the graph is made. */
export function shift(x: Tensor, term: number): Tensor {
  return differentiable(binary("Add", x, x.graph.scalar(term)), [x, (g) => g]);
}

export function exp(x: Tensor): Tensor {
  const y = unary("Exp", x);
  return differentiable(y, [x, (g) => mul(g, y)]);
}

export function sigmoid(x: Tensor): Tensor {
  const y = unary("Sigmoid", x);
  return differentiable(y, [x, (g) => mul(g, mul(y, shift(scale(y, -1), 1)))]);
}

/** cap·tanh(x/cap): x where it is small, and never beyond ±cap. */
export function softCap(x: Tensor, cap: number): Tensor {
  return scale(tanh(scale(x, 1 / cap)), cap);
}

function tanh(x: Tensor): Tensor {
  const y = unary("Tanh", x);
  return differentiable(y, [x, (g) => mul(g, shift(scale(mul(y, y), -1), 1))]);
}

/** 1/√x. */
export function reciprocalSqrt(x: Tensor): Tensor {
  const y = unary("Reciprocal", unary("Sqrt", x));
  return differentiable(y, [x, (g) => scale(mul(g, mul(y, mul(y, y))), -0.5)]);
}
