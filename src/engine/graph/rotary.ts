/** Rotary position embedding (Su et al. 2021); forward and pullback side by side. */
import { differentiable } from "./differentiable.ts";
import { add, mul, scale } from "./elementwise.ts";
import type { Tensor } from "./graph.ts";

type Pairs = "interleaved" | "halves";

/**
 * Turns the first `2·c` of each head's components: pairs (a, b) become (a cos − b sin, b cos + a sin). Pairs are
 * neighbours (`interleaved`, GPT-J) or halves (`halves`, NeoX and Llama).
 *
 * @param x [rows, n, heads, size]
 * @param cos,sin [rows, n, 1, c]
 */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor, pairs: Pairs): Tensor {
  // onnxruntime turns in single precision only; double, in which gradients are tried, is composed of what it has. So it is
  // on a device, where parity has been seen of that alone.
  const { real, policy } = x.graph;
  return real === "float" && policy !== "resident" ? turned(x, cos, sin, pairs) : composed(x, cos, sin, pairs);
}

/**
 * By onnxruntime's own operator, which looks angles up by position: here every token of every row has a position of its
 * own, as if all were one sequence. What turns back is the same with −sin.
 */
function turned(x: Tensor, cos: Tensor, sin: Tensor, pairs: Pairs): Tensor {
  const { graph, shape } = x;
  const [heads, size] = shape.slice(2) as [number, number];
  const count = cos.shape[3] as number;
  const viewed = (y: Tensor, ...sizes: number[]) => {
    const known = sizes.map((size) => (size === -1 ? "turned" : size));
    return graph.emit("Reshape", [y, graph.integers(sizes)], known);
  };
  const y = graph.emit(
    "com.microsoft::RotaryEmbedding",
    [viewed(x, 1, -1, heads * size), graph.integers([0]), viewed(cos, -1, count), viewed(sin, -1, count)],
    [1, "turned", heads * size],
    x.type,
    { interleaved: pairs === "interleaved" ? 1 : 0, num_heads: heads, rotary_embedding_dim: 2 * count },
  );
  const result = graph.emit("Reshape", [y, graph.shapeOf(shape)], shape);
  return differentiable(result, [x, (g) => turned(g, cos, scale(sin, -1), pairs)]);
}

/** As x∘cos + (xP)∘sin, where P puts −b in a's place and a in b's. */
function composed(x: Tensor, cos: Tensor, sin: Tensor, pairs: Pairs): Tensor {
  const { graph } = x;
  const [size, count] = [x.shape[3] as number, cos.shape[3] as number];
  const [swap, spread, still] = [new Float64Array(size * size), new Float64Array(count * size), new Float64Array(size)];
  still.fill(1, 2 * count);
  for (let pair = 0; pair < count; pair++) {
    const [a, b] = pairs === "interleaved" ? [2 * pair, 2 * pair + 1] : [pair, count + pair];
    swap[b * size + a] = -1;
    swap[a * size + b] = 1;
    spread[pair * size + a] = 1;
    spread[pair * size + b] = 1;
  }
  // Each component's cos and sin from its pair's; what is not turned has cos 1 and sin 0.
  const spreader = graph.constant(spread, [count, size]);
  const each = (wave: Tensor) => graph.emit("MatMul", [wave, spreader], [...wave.shape.slice(0, 3), size]);
  const cosines = graph.emit("Add", [each(cos), graph.constant(still, [size])], [...cos.shape.slice(0, 3), size]);
  return add(mul(x, cosines), mul(swapped(x, graph.constant(swap, [size, size])), each(sin)));
}

/** x P for a matrix P with Pᵀ = −P. */
function swapped(x: Tensor, swap: Tensor): Tensor {
  const y = x.graph.emit("MatMul", [x, swap], x.shape);
  return differentiable(y, [x, (g) => swapped(scale(g, -1), swap)]);
}
