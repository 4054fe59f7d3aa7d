import { mul } from "../graph/elementwise.ts";
import { reshape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * cos and sin of position · base^(−2i/dimensions), i = 0 … dimensions/2 − 1: [rows, n, 1, dimensions/2] each.
 *
 * @param positions as reals [rows, n]
 */
export function rotaryAngles(positions: Tensor, dimensions: number, base: number): { cos: Tensor; sin: Tensor } {
  const { graph } = positions;
  const count = dimensions / 2;
  const frequencies = Array.from({ length: count }, (_, i) => base ** ((-2 * i) / dimensions));
  const angles = mul(reshape(positions, ["rows", "n", 1, 1]), graph.constant(frequencies, [count]));
  return { cos: graph.emit("Cos", [angles], angles.shape), sin: graph.emit("Sin", [angles], angles.shape) };
}
