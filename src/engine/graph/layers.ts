/** The building blocks of a transformer; forward and pullback side by side. */
import { constant, differentiable } from "./differentiable.ts";
import { add, exp, mul, reciprocalSqrt, scale, shift, sigmoid, sub } from "./elementwise.ts";
import { blockSize, Graph } from "./graph.ts";
import { concat, gather, meanLast, split, sum, transpose } from "./shape.ts";
import type { Dimension, Tensor, WeightLayout } from "./tensor.ts";

/** Batched product over the last two axes: [… n, k] · [… k, m] → [… n, m]; leading axes equal. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const shape = [...a.shape.slice(0, -1), b.shape.at(-1) as Dimension];
  const y = a.graph.emit("MatMul", [a, b], shape);
  return differentiable(y, [a, (g) => matmul(g, swapLast(b))], [b, (g) => matmul(swapLast(a), g)]);
}

function swapLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/**
 * y = x Wᵀ + b: x [n, in], b [out] → [n, out]. W stays in its stored type and is cast where it is used; the pullback
 * uses the same W with the other transpose. Gradients flow to x only.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, layout: WeightLayout = "outIn"): Tensor {
  if (x.graph.planBlocks) return byBlocks(x, weight, bias, layout);
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
  const whole = graph.policy === "fold" || weight.type === graph.real;
  const step = whole ? rows : Math.max(1, Math.floor(graph.tileElements / columns));
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) => {
    const from = i * step;
    const count = Math.min(step, rows - from);
    return { from, count, weight: graph.rowsOf(weight, from, count) };
  });
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

/**
 * x Wᵀ + b with W in blocks of 8-bit numbers. onnxruntime rounds x to 8 bits, too, by the block; so x goes in as two rows,
 * what is left of it after that rounding, and the rest. The weights, whose reading takes the time, are read once for both.
 * It has no pullback, so `gradient` throws where it meets one.
 */
function byBlocks(x: Tensor, weight: Tensor, bias: Tensor | undefined, layout: WeightLayout): Tensor {
  const { graph } = x;
  const { values, scales } = graph.blocksOf(weight, layout) as { values: Tensor; scales: Tensor };
  const [N, K] = (layout === "outIn" ? weight.shape : weight.shape.toReversed()) as [number, number];
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

/**
 * A stored weight as the graph's real type. A Cast of a weight depends on nothing, so onnxruntime would run all of
 * them first and hold every layer in float at once. With the `stream` policy the Cast is made to depend on `anchor`,
 * the activation it will meet: it passes through a Reshape to its own shape, whose shape vector is read off the anchor.
 */
export function asReal(weight: Tensor, anchor: Tensor): Tensor {
  const { graph } = weight;
  if (weight.type === graph.real) return weight;
  let source = weight;
  if (graph.policy === "stream") {
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
  return x.type === real ? x : constant(x.graph.emit("Cast", [x], x.shape, real, { to: Graph.typeNumber(real) }));
}

/** Rows of a stored table as reals: table [V, d], ids [k] → [k, d]. Only the rows looked up are cast. */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  return cast(gather(table, ids));
}

/** x̂γ + β with x̂ = (x − mean)/√(variance + ε) over the last axis. Gradients flow to x only. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  const centred = sub(x, meanLast(x));
  const inverse = reciprocalSqrt(shift(meanLast(mul(centred, centred)), epsilon));
  const normal = mul(centred, inverse);
  const gamma = asReal(weight, x);
  const y = x.graph.emit("Add", [mul(normal, gamma), asReal(bias, x)], x.shape);
  return differentiable(y, [x, (g) => normPullback(mul(g, gamma), normal, inverse, true)]);
}

/** x(γ + gain)/√(mean(x²) + ε) over the last axis. Gradients flow to x only. */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number, gain = 0): Tensor {
  const inverse = reciprocalSqrt(shift(meanLast(mul(x, x)), epsilon));
  const normal = mul(x, inverse);
  const stored = asReal(weight, x);
  const gamma = gain === 0 ? stored : shift(stored, gain);
  const y = x.graph.emit("Mul", [normal, gamma], x.shape);
  return differentiable(y, [x, (g) => normPullback(mul(g, gamma), normal, inverse, false)]);
}

/** (g − mean(g) − x̂·mean(g·x̂))·inverse; without the mean's term where the norm does not centre. */
function normPullback(g: Tensor, normal: Tensor, inverse: Tensor, centred: boolean): Tensor {
  const along = mul(normal, meanLast(mul(g, normal)));
  return mul(sub(centred ? sub(g, meanLast(g)) : g, along), inverse);
}

const geluSlope = 2 * Math.sqrt(2 / Math.PI);
const geluCubic = 0.044715;

/** GELU by the tanh formula, written as x·σ(2u), u = √(2/π)(x + 0.044715x³): the same function in fewer passes. */
export function geluTanh(x: Tensor): Tensor {
  const square = mul(x, x);
  const gate = sigmoid(mul(x, shift(scale(square, geluSlope * geluCubic), geluSlope)));
  const y = x.graph.emit("Mul", [x, gate], x.shape);
  return differentiable(y, [
    x,
    (g) => {
      // d/dx x·σ(w(x)) = σ + y·w′·(1−σ), and w′ = slope + 3·slope·cubic·x²
      const steep = mul(y, shift(scale(square, 3 * geluSlope * geluCubic), geluSlope));
      return mul(g, add(gate, sub(steep, mul(gate, steep))));
    },
  ]);
}

/** GELU itself: x·Φ(x) with the normal distribution's Φ(x) = (1 + erf(x/√2))/2. */
export function geluErf(x: Tensor): Tensor {
  const phi = scale(shift(erf(scale(x, Math.SQRT1_2)), 1), 0.5);
  const y = x.graph.emit("Mul", [x, phi], x.shape);
  return differentiable(y, [
    x,
    (g) => mul(g, add(phi, scale(mul(x, exp(scale(mul(x, x), -0.5))), 1 / Math.sqrt(2 * Math.PI)))),
  ]);
}

/** The error function, as a constant: geluErf has a rule of its own. onnxruntime has it for float only. */
function erf(x: Tensor): Tensor {
  const to = Graph.typeNumber("float");
  const single = x.type === "float" ? x : x.graph.emit("Cast", [x], x.shape, "float", { to });
  return cast(constant(x.graph.emit("Erf", [single], x.shape)));
}

/** x·σ(x). */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  const y = x.graph.emit("Softmax", [x], x.shape, x.type, { axis: -1 });
  return differentiable(y, [x, (g) => mul(y, sub(g, sum(mul(g, y), [x.rank - 1])))]);
}

/** log softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  const y = x.graph.emit("LogSoftmax", [x], x.shape, x.type, { axis: -1 });
  return differentiable(y, [x, (g) => sub(g, mul(exp(y), sum(g, [x.rank - 1])))]);
}

/**
 * Rotary position embedding of the first `2·c` of each head's components (Su et al. 2021): pairs (a, b) become
 * (a cos − b sin, b cos + a sin). Pairs are neighbours (`interleaved`, GPT-J) or halves (`halves`, NeoX and Llama).
 * Written as x∘cos + (xP)∘sin, where P puts −b in a's place and a in b's: one product instead of many strided copies.
 *
 * @param x [rows, n, heads, size]
 * @param cos,sin [rows, n, 1, c]
 */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor, pairs: "interleaved" | "halves"): Tensor {
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
