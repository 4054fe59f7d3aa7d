import { constant } from "../graph/differentiable.ts";
import { mul, scale } from "../graph/elementwise.ts";
import type { Tensor } from "../graph/graph.ts";
import { rotary } from "../graph/rotary.ts";
import { reshape } from "../graph/shape.ts";
import type { Queries } from "./queries.ts";
import type { RotaryFrequencies } from "./rotaryFrequencies.ts";

/**
 * Turns keys [rows, n, …] and queries [rows, asks, …] by their positions.
 *
 * @param positions of all tokens, as reals [rows, n]
 */
export function rotaryTurns(
  positions: Tensor,
  queries: Queries,
  frequencies: RotaryFrequencies,
  pairs: "interleaved" | "halves",
): { query(x: Tensor): Tensor; key(x: Tensor): Tensor } {
  const ofKeys = rotaryAngles(positions, frequencies);
  const ofQueries = queries.positions === positions ? ofKeys : rotaryAngles(queries.positions, frequencies);
  return {
    query: (x) => rotary(x, ofQueries.cos, ofQueries.sin, pairs),
    key: (x) => rotary(x, ofKeys.cos, ofKeys.sin, pairs),
  };
}

/** cos and sin of position · frequency: [rows, n, 1, pairs] each. */
function rotaryAngles(positions: Tensor, { values, amplitude }: RotaryFrequencies): { cos: Tensor; sin: Tensor } {
  const { graph } = positions;
  const angles = mul(reshape(positions, [...positions.shape, 1, 1]), graph.constant(values, [values.length]));
  const wave = (operator: "Cos" | "Sin") => {
    const result = constant(graph.emit(operator, [angles], angles.shape));
    return amplitude === 1 ? result : scale(result, amplitude);
  };
  return { cos: wave("Cos"), sin: wave("Sin") };
}
