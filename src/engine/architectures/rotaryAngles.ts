import { constant } from "../graph/differentiable.ts";
import { mul, scale } from "../graph/elementwise.ts";
import type { Tensor } from "../graph/graph.ts";
import { reshape } from "../graph/shape.ts";
import type { RotaryFrequencies } from "./rotaryFrequencies.ts";

/**
 * cos and sin of position · frequency: [rows, n, 1, pairs] each.
 *
 * @param positions as reals [rows, n]
 */
export function rotaryAngles(
  positions: Tensor,
  { values, amplitude }: RotaryFrequencies,
): { cos: Tensor; sin: Tensor } {
  const { graph } = positions;
  const angles = mul(reshape(positions, ["rows", "n", 1, 1]), graph.constant(values, [values.length]));
  const wave = (operator: "Cos" | "Sin") => {
    const result = constant(graph.emit(operator, [angles], angles.shape));
    return amplitude === 1 ? result : scale(result, amplitude);
  };
  return { cos: wave("Cos"), sin: wave("Sin") };
}
