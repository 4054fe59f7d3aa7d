/** Products with stored weights; forward and pullback side by side. */
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { asReal } from "./cast.ts";
import { differentiable } from "./differentiable.ts";
import type { Tensor } from "./graph.ts";
import { concat, split } from "./shape.ts";
import type { Dimension, WeightLayout } from "./types.ts";
import { rowsOf } from "./weights.ts";

/**
 * y = x Wᵀ + b: x [n, in], b [out] → [n, out]. W stays in its stored type and is cast where it is used; the pullback
 * uses the same W with the other transpose. Gradients flow to x only.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, layout: WeightLayout = "outIn"): Tensor {
  const y = layout === "outIn" ? byOutputs(x, weight, bias) : byInputs(x, weight, bias);
  return differentiable(y, [x, (g) => linear(g, weight, undefined, layout === "outIn" ? "inOut" : "outIn")]);
}

interface Tile {
  readonly from: number;
  readonly count: number;
  readonly weight: Tensor;
}

/**
 * A matrix cut into bands of rows; whole where nothing is cast at use. What a cast writes (4 MB of float by default)
 * stays in the processor's cache until the product has read it. A whole matrix would go to memory and back, in pages
 * that the system clears first, which costs several times the product itself where tokens are few.
 */
function tiles(weight: Tensor): Tile[] {
  const { graph } = weight;
  const [rows, columns] = weight.shape as [number, number];
  const whole = graph.policy !== "stream" || weight.type === graph.real;
  const step = whole ? rows : Math.max(1, Math.floor(graph.tileElements / columns));
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) => {
    const from = i * step;
    const count = Math.min(step, rows - from);
    return { from, count, weight: count === rows ? weight : bandOf(weight, from, count) };
  });
}

/** Rows of a stored weight, as a weight of their own. */
function bandOf(weight: Tensor, from: number, count: number): Tensor {
  return weight.graph.weight(rowsOf(weight.stored as WeightLocation, from, count));
}

/** x Wᵀ + b for W [out, in]: each band of W gives some columns of the result. */
function byOutputs(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  const { graph } = x;
  const n = x.shape[0] as Dimension;
  const bands = tiles(weight);
  const sizes = bands.map(({ count }) => count);
  const biases = bias && split(asReal(bias, x), 0, sizes);
  const columns: Tensor[] = [];
  for (const [i, { count, weight: band }] of bands.entries()) {
    const terms = [x, asReal(band, columns.at(-1) ?? x), ...(biases ? [biases[i] as Tensor] : [])];
    columns.push(graph.emit("Gemm", terms, [n, count], x.type, { transB: 1 }));
  }
  return concat(columns, 1);
}

/** x W + b for W [in, out]: each band of W meets some columns of x, and the products add up. */
function byInputs(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  const { graph } = x;
  const bands = tiles(weight);
  const columns = split(
    x,
    1,
    bands.map(({ count }) => count),
  );
  const shape = [x.shape[0] as Dimension, weight.shape[1] as Dimension];
  let total: Tensor | undefined;
  for (const [i, { weight: band }] of bands.entries()) {
    const anchor = total ?? x;
    const sum = total ?? (bias && asReal(bias, anchor));
    total = graph.emit("Gemm", [columns[i] as Tensor, asReal(band, anchor), ...(sum ? [sum] : [])], shape, x.type);
  }
  return total as Tensor;
}
