/** The building blocks of a transformer; forward and pullback side by side. */
import { asReal, cast } from "./cast.ts";
import { constant, differentiable } from "./differentiable.ts";
import { add, exp, mul, reciprocalSqrt, scale, shift, sigmoid, sub } from "./elementwise.ts";
import type { Tensor } from "./graph.ts";
import { dataType } from "./onnxTypes.ts";
import { gather, meanLast, sum, transpose } from "./shape.ts";
import type { Dimension } from "./types.ts";

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

/** Rows of a stored table as reals: table [V, d], ids [k] → [k, d]. Only the rows looked up are cast. */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  return cast(gather(table, ids));
}

/**
 * x̂γ + β with x̂ = (x − mean)/√(variance + ε) over the last axis. Gradients flow to x only.
 *
 * @param at where the variance is taken from; with it, the norm is affine in x
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number, at = x): Tensor {
  const centred = sub(x, meanLast(x));
  const spread = at === x ? centred : sub(at, meanLast(at));
  const inverse = reciprocalSqrt(shift(meanLast(mul(spread, spread)), epsilon));
  const normal = mul(centred, inverse);
  const gamma = asReal(weight, x);
  if (at !== x) return add(mul(normal, gamma), asReal(bias, x));
  const y = x.graph.emit("Add", [mul(normal, gamma), asReal(bias, x)], x.shape);
  return differentiable(y, [x, (g) => normPullback(mul(g, gamma), normal, inverse, true)]);
}

/**
 * x(γ + gain)/√(mean(x²) + ε) over the last axis. Gradients flow to x only.
 *
 * @param at where the mean square is taken from; with it, the norm is linear in x
 */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number, gain = 0, at = x): Tensor {
  const inverse = reciprocalSqrt(shift(meanLast(mul(at, at)), epsilon));
  const normal = mul(x, inverse);
  const stored = asReal(weight, x);
  const gamma = gain === 0 ? stored : shift(stored, gain);
  if (at !== x) return mul(normal, gamma);
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
  const to = dataType.float;
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
