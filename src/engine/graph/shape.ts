/** Operations that move, select or sum elements; forward and pullback side by side. */
import { constant, differentiable } from "./differentiable.ts";
import type { Tensor } from "./graph.ts";
import type { Dimension } from "./types.ts";

/** The same elements, in row-major order, in another shape. At most one size may be a name that no input has. */
export function reshape(x: Tensor, shape: readonly Dimension[]): Tensor {
  const { graph } = x;
  const sizes = shape.map((size) => (typeof size === "string" && !graph.knows(size) ? -1 : size));
  const y = graph.emit("Reshape", [x, graph.shapeOf(sizes)], shape);
  return differentiable(y, [x, (g) => reshape(g, x.shape)]);
}

/** [a, b, …] → [a·b, …]: merges the first axes so that `rank` remain; `name` is the merged axis' symbol. */
export function flatten(x: Tensor, keep: number, name: string): Tensor {
  const rest = x.shape.slice(x.rank - keep);
  const y = x.graph.emit("Reshape", [x, x.graph.shapeOf([-1, ...rest])], [name, ...rest]);
  return differentiable(y, [x, (g) => reshape(g, x.shape)]);
}

/** Axis i of the result is axis order[i] of x. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const y = x.graph.emit(
    "Transpose",
    [x],
    order.map((axis) => x.shape[axis] as Dimension),
    x.type,
    { perm: order },
  );
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return differentiable(y, [x, (g) => transpose(g, inverse)]);
}

/** Sum over axes, which stay with size 1 unless `drop` is set. */
export function sum(x: Tensor, axes: readonly number[], drop = false): Tensor {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const shape = drop ? kept.filter((_, axis) => !axes.includes(axis)) : kept;
  const y = x.graph.emit("ReduceSum", [x, x.graph.integers(axes)], shape, x.type, { keepdims: drop ? 0 : 1 });
  return differentiable(y, [x, (g) => expand(drop ? reshape(g, kept) : g, x.shape)]);
}

/** Mean over the last axis, which stays with size 1. */
export function meanLast(x: Tensor): Tensor {
  const axis = x.rank - 1;
  const size = x.shape[axis] as number;
  const inverse = x.graph.scalar(1 / size);
  const y = x.graph.emit("ReduceMean", [x, x.graph.integers([axis])], [...x.shape.slice(0, axis), 1]);
  return differentiable(y, [x, (g) => expand(g.graph.emit("Mul", [g, inverse], g.shape), x.shape)]);
}

/** Repeats axes of size 1 up to `shape`. */
export function expand(x: Tensor, shape: readonly Dimension[]): Tensor {
  const axes = shape.flatMap((size, axis) => (x.shape[axis] === 1 && size !== 1 ? [axis] : []));
  if (axes.length === 0) return x;
  return differentiable(x.graph.emit("Expand", [x, x.graph.shapeOf(shape)], shape), [x, (g) => sum(g, axes)]);
}

/** Cuts an axis into parts of the given sizes. */
export function split(x: Tensor, axis: number, sizes: readonly Dimension[]): Tensor[] {
  if (sizes.length === 1) return [x];
  const parts = sizes.map((size, i) => {
    const start = offset(x, sizes.slice(0, i));
    const end = offset(x, sizes.slice(0, i + 1));
    return x.graph.emit("Slice", [x, start, end, x.graph.integers([axis])], x.shape.with(axis, size));
  });
  const alone = (g: Tensor, i: number) => parts.map((part, j) => (j === i ? g : zerosLike(part)));
  return parts.map((part, i) => differentiable(part, [x, (g) => concat(alone(g, i), axis, x.shape[axis])]));
}

/** Sum of sizes as a value [1]. */
function offset({ graph }: Tensor, sizes: readonly Dimension[]): Tensor {
  const known = sizes.reduce<number>((total, size) => total + (typeof size === "number" ? size : 0), 0);
  return sizes
    .filter((size) => typeof size === "string")
    .reduce((total, size) => graph.emit("Add", [total, graph.shapeOf([size])], [1], "int64"), graph.integers([known]));
}

/** Joins tensors along an axis; `size` names the joined size where a part's is only known at run time. */
export function concat(parts: readonly Tensor[], axis: number, size?: Dimension): Tensor {
  const first = parts[0] as Tensor;
  if (parts.length === 1) return first;
  const sizes = parts.map((part) => part.shape[axis] as Dimension);
  const total = size ?? sizes.reduce<number>((sum, part) => sum + (part as number), 0);
  const y = first.graph.emit("Concat", parts, first.shape.with(axis, total), first.type, { axis });
  return differentiable(
    y,
    ...parts.map((part, i): [Tensor, (g: Tensor) => Tensor] => [part, (g) => split(g, axis, sizes)[i] as Tensor]),
  );
}

/** All zeros, in the shape of x. */
function zerosLike(x: Tensor): Tensor {
  const { graph, shape, type } = x;
  const known = shape.every((size) => typeof size === "number" || graph.knows(size));
  const sizes = known ? graph.shapeOf(shape) : graph.emit("Shape", [x], [x.rank], "int64");
  return constant(graph.emit("Expand", [graph.scalar(0), sizes], shape, type));
}

/** Rows of x by number: x [n, …], index [k] → [k, …]. The pullback needs the numbers to be distinct. */
export function gather(x: Tensor, index: Tensor): Tensor {
  const shape = [index.shape[0] as Dimension, ...x.shape.slice(1)];
  const y = x.graph.emit("Gather", [x, index], shape, x.type, { axis: 0 });
  return differentiable(y, [x, (g) => scatter(zerosLike(x), index, g)]);
}

/**
 * Rows of x laid into slots: x [k, …], slots [a, b] → [a, b, …], each slot the row of that number. Each row has one slot
 * that counts, `places` [k] its flat number; through those that repeat a row, no gradient may come.
 */
export function spread(x: Tensor, slots: Tensor, places: Tensor): Tensor {
  const shape = [...slots.shape, ...x.shape.slice(1)];
  const y = x.graph.emit("Gather", [x, slots], shape, x.type, { axis: 0 });
  return differentiable(y, [x, (g) => gather(flatten(g, x.rank - 1, "slots"), places)]);
}

/** Columns of x by number: x [n, c], index [k] → [n, k]. No gradient comes through. */
export function columns(x: Tensor, index: Tensor): Tensor {
  const shape = [x.shape[0] as Dimension, index.shape[0] as Dimension];
  return constant(x.graph.emit("Gather", [x, index], shape, x.type, { axis: 1 }));
}

/** x with rows [k, …] in the places of those numbered index [k], which must be distinct. */
export function scatter(x: Tensor, index: Tensor, rows: Tensor): Tensor {
  const { graph } = x;
  const indices = graph.emit("Unsqueeze", [index, graph.integers([1])], [index.shape[0] as Dimension, 1], "int64");
  const y = graph.emit("ScatterND", [x, indices, rows], x.shape);
  return differentiable(y, [x, (g) => scatter(g, index, zerosLike(rows))], [rows, (g) => gather(g, index)]);
}

/** One element of each row: x [n, c], index [n] → [n]. */
export function pick(x: Tensor, index: Tensor): Tensor {
  const { graph } = x;
  const rows = x.shape[0] as Dimension;
  const column = graph.emit("Unsqueeze", [index, graph.integers([1])], [rows, 1], "int64");
  const picked = graph.emit("GatherElements", [x, column], [rows, 1], x.type, { axis: 1 });
  const y = graph.emit("Squeeze", [picked, graph.integers([1])], [rows]);
  return differentiable(y, [
    x,
    (g) => {
      const updates = graph.emit("Unsqueeze", [g, graph.integers([1])], [rows, 1]);
      return graph.emit("ScatterElements", [zerosLike(x), column, updates], x.shape, x.type, {
        axis: 1,
      });
    },
  ]);
}
