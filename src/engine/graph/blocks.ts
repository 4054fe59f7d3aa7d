/** A linear layer's product with 8-bit numbers. */
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { asReal } from "./cast.ts";
import { add, mul, scale, shift, sub } from "./elementwise.ts";
import type { Tensor } from "./graph.ts";
import { concat, sum } from "./shape.ts";
import type { Dimension, WeightLayout } from "./types.ts";
import { type BlockPlan, blockSize } from "./weights.ts";

/**
 * x Wᵀ + b with W in blocks of 8-bit numbers. onnxruntime rounds x to 8 bits, too, by the block; so x goes in as two rows,
 * what is left of it after that rounding, and the rest. The weights, whose reading takes the time, are read once for both.
 * It has no pullback, so `gradient` throws where it meets one.
 */
export function byBlocks(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  layout: WeightLayout,
  plan: BlockPlan,
): Tensor {
  const { graph } = x;
  const [N, K] = (layout === "outIn" ? weight.shape : weight.shape.toReversed()) as [number, number];
  const count = Math.ceil(K / blockSize);
  const place = plan(weight.stored as WeightLocation, layout, graph.part);
  const values = graph.external(`${weight.name} values`, "uint8", [N, count, blockSize], place.values);
  const scales = graph.external(`${weight.name} scales`, "float", [N * count], place.scales);
  const n = x.shape[0] as Dimension;
  const twice = K % blockSize === 0 ? concat(halves(x, K), 0, "twice") : x;
  const attributes = { K, N, bits: 8, block_size: blockSize, accuracy_level: 4 };
  const inputs = [twice, values, scales];
  const product = graph.emit(
    "com.microsoft::MatMulNBits",
    inputs,
    [twice.shape[0] as Dimension, N],
    x.type,
    attributes,
  );
  const y = twice === x ? product : sum(rowsAs(product, [2, -1, N], [2, n, N]), [0], true);
  return bias ? add(y, asReal(bias, y)) : y;
}

/** x [n, K] rounded to 8 bits by the block, and the rest. */
function halves(x: Tensor, K: number): Tensor[] {
  const { graph } = x;
  const n = x.shape[0] as Dimension;
  const blocks = rowsAs(x, [-1, K / blockSize, blockSize], [n, K / blockSize, blockSize]);
  const sizes = graph.emit("Abs", [blocks], blocks.shape);
  const most = graph.emit("ReduceMax", [sizes, graph.integers([2])], [n, K / blockSize, 1], x.type, { keepdims: 1 });
  // A block of zeros has no scale to divide by.
  const step = shift(scale(most, 1 / 127), 1e-30);
  const rounded = graph.emit("Round", [graph.emit("Div", [blocks, step], blocks.shape)], blocks.shape);
  const coarse = mul(rounded, step);
  return [coarse, sub(blocks, coarse)].map((part) => rowsAs(part, [-1, K], [n, K]));
}

/** A reshape whose one unknown size (−1) may be any symbol. */
function rowsAs(x: Tensor, sizes: number[], shape: readonly Dimension[]): Tensor {
  return x.graph.emit("Reshape", [x, x.graph.integers(sizes)], shape);
}
