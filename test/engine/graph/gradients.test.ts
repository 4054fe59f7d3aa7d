import { onnx } from "onnx-proto";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { constant } from "../../../src/engine/graph/differentiable.ts";
import {
  add,
  exp,
  mul,
  reciprocalSqrt,
  scale,
  shift,
  sigmoid,
  softCap,
  sub,
} from "../../../src/engine/graph/elementwise.ts";
import { gradient } from "../../../src/engine/graph/gradient.ts";
import type { Tensor } from "../../../src/engine/graph/graph.ts";
import { Graph } from "../../../src/engine/graph/graph.ts";
import {
  geluErf,
  geluTanh,
  layerNorm,
  logSoftmax,
  matmul,
  rmsNorm,
  silu,
  softmax,
} from "../../../src/engine/graph/layers.ts";
import { linear } from "../../../src/engine/graph/linear.ts";
import { rotary } from "../../../src/engine/graph/rotary.ts";
import {
  concat,
  expand,
  flatten,
  gather,
  meanLast,
  pick,
  reshape,
  scatter,
  split,
  spread,
  sum,
  transpose,
} from "../../../src/engine/graph/shape.ts";
import type { Real } from "../../../src/engine/graph/types.ts";

/** Numbers in (0.2, 1.2), or of both signs, that repeat from run to run. */
function numbers(count: number, seed: number, positive = false): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const unit = Math.abs(Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 43758.5453) % 1;
    return positive ? unit + 0.2 : 2 * unit - 1;
  });
}

type Rule = (inputs: Tensor[], graph: Graph) => Tensor;

/**
 * Compares every input's gradient of Σ weight·rule(inputs) with central differences, in double precision, with the
 * first axis of each input only known at run time where `symbolic` is set.
 */
async function check(shapes: number[][], rule: Rule, { positive = false, symbolic = false } = {}): Promise<void> {
  const graph = new Graph("double");
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, symbolic ? shape.with(0, "n" as never) : shape));
  const result = rule(inputs, graph);
  const weights = graph.input("weights", result.shape);
  const loss = sum(
    mul(result, weights),
    result.shape.map((_, axis) => axis),
    true,
  );
  graph.output("result", result);
  graph.output("loss", loss);
  gradient(loss, inputs).forEach((g, i) => {
    graph.output(`g${i}`, g);
  });
  const session = await ort.InferenceSession.create(graph.parts()[0]!.bytes);
  const values = shapes.map((shape, i) =>
    numbers(
      shape.reduce((a, b) => a * b),
      i + 1,
      positive,
    ),
  );
  const dims = resultShape(result, shapes[0]?.[0] ?? 1);
  const weight = numbers(
    dims.reduce((a, b) => a * b, 1),
    9,
  );
  const feeds = { weights: new ort.Tensor("float64", weight, dims) };
  const run = () =>
    session.run({
      ...feeds,
      ...Object.fromEntries(values.map((data, i) => [`x${i}`, new ort.Tensor("float64", data, shapes[i])])),
    });
  const lossNow = async () => ((await run()).loss as ort.Tensor).data[0] as number;
  const analytic = await run();
  const step = 1e-5;
  for (const [i, data] of values.entries()) {
    const g = analytic[`g${i}`]?.data as Float64Array;
    expect(g.length).toBe(data.length);
    for (let j = 0; j < data.length; j++) {
      const at = data[j] as number;
      data[j] = at + step;
      const above = await lossNow();
      data[j] = at - step;
      const below = await lossNow();
      data[j] = at;
      expect(g[j], `input ${i}, element ${j}`).toBeCloseTo((above - below) / (2 * step), 7);
    }
  }
}

it("geluErf, which onnxruntime has in single precision only, agrees with x·Φ(x) and Φ(x) + x·φ(x)", async () => {
  const graph = new Graph();
  const x = graph.input("x", [9]);
  const y = geluErf(x);
  graph.output("y", y);
  graph.output("g", gradient(sum(y, [0], true), [x])[0] as Tensor);
  const session = await ort.InferenceSession.create(graph.parts()[0]!.bytes);
  const points = Float32Array.of(-6, -3, -1.5, -0.5, 0, 0.25, 1, 2.5, 6);
  const out = await session.run({ x: new ort.Tensor("float32", points, [9]) });
  for (const [i, point] of points.entries()) {
    const [phi, density] = [normalBelow(point), Math.exp(-(point ** 2) / 2) / Math.sqrt(2 * Math.PI)];
    expect((out.y as ort.Tensor).data[i]).toBeCloseTo(point * phi, 5);
    expect((out.g as ort.Tensor).data[i]).toBeCloseTo(phi + point * density, 5);
  }
});

/** Φ(x), by summing the density. */
function normalBelow(x: number): number {
  const [steps, from] = [20_000, -12];
  const width = (x - from) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-((from + (i + 0.5) * width) ** 2) / 2);
  return (sum * width) / Math.sqrt(2 * Math.PI);
}

/** "n" is the first input's first size, "m" that of the flattened pair of axes. */
function resultShape(result: Tensor, n: number): number[] {
  return result.shape.map((size) => (typeof size === "number" ? size : size === "m" ? 6 : n));
}

const rules: Record<string, [number[][], Rule, { positive?: boolean; symbolic?: boolean }?]> = {
  add: [[[2, 3], [3]], ([a, b]) => add(a!, b!)],
  "add, broadcast both ways": [
    [
      [2, 1, 3],
      [4, 1],
    ],
    ([a, b]) => add(a!, b!),
  ],
  sub: [
    [
      [2, 3],
      [2, 1],
    ],
    ([a, b]) => sub(a!, b!),
  ],
  mul: [
    [
      [2, 3],
      [1, 3],
    ],
    ([a, b]) => mul(a!, b!),
  ],
  "mul, the same value twice": [[[4]], ([a]) => mul(a!, a!)],
  scale: [[[3]], ([a]) => scale(a!, -2.5)],
  shift: [[[3]], ([a]) => mul(shift(a!, 2), a!)],
  exp: [[[3]], ([a]) => exp(a!)],
  sigmoid: [[[5]], ([a]) => sigmoid(scale(a!, 3))],
  softCap: [[[5]], ([a]) => softCap(scale(a!, 5), 3)],
  reciprocalSqrt: [[[4]], ([a]) => reciprocalSqrt(a!), { positive: true }],
  reshape: [[[2, 6]], ([a]) => mul(reshape(a!, [3, 4]), reshape(a!, [3, 4]))],
  flatten: [[[2, 3, 2]], ([a]) => exp(flatten(a!, 1, "m"))],
  transpose: [[[2, 3, 4]], ([a]) => exp(transpose(a!, [2, 0, 1]))],
  sum: [[[2, 3, 2]], ([a]) => exp(sum(a!, [1]))],
  "sum, axes dropped": [[[2, 3, 2]], ([a]) => exp(sum(a!, [0, 2], true))],
  meanLast: [[[2, 3]], ([a]) => exp(meanLast(a!))],
  expand: [[[2, 1]], ([a]) => exp(expand(a!, [2, 3]))],
  split: [[[2, 5]], ([a]) => exp(split(a!, 1, [1, 3, 1])[1]!)],
  "split, a size known at run time": [
    [
      [2, 5],
      [2, 3],
    ],
    ([a, b]) => mul(split(concat([a!, b!], 1), 1, [4, 4])[1]!, b!.graph.scalar(2)),
    { symbolic: true },
  ],
  "reshape and split, with a size that no input has": [
    [
      [3, 4],
      [3, 2],
    ],
    ([a, b]) => mul(exp(reshape(split(reshape(a!, ["pairs", 2]), 1, [1, 1])[1]!, ["n", 2])), b!),
    { symbolic: true },
  ],
  "split along a symbolic axis": [
    [
      [3, 2],
      [3, 2],
    ],
    ([a, b]) => exp(split(concat([a!, b!], 0, "t"), 0, ["n", "n"])[1]!),
    { symbolic: true },
  ],
  concat: [
    [
      [2, 1],
      [2, 3],
    ],
    ([a, b]) => exp(concat([a!, b!], 1)),
  ],
  gather: [[[4, 2]], ([a], graph) => exp(gather(a!, graph.integers([3, 0])))],
  "spread, with slots that repeat a row and are not read": [
    [[3, 2]],
    ([a], graph) => {
      const places = graph.integers([2, 0, 3]);
      const slots = graph.constant([1, 0, 0, 2], [2, 2], "int64");
      return exp(gather(flatten(spread(a!, slots, places), 1, "slots"), places));
    },
  ],
  scatter: [
    [
      [4, 2],
      [2, 2],
    ],
    ([a, b], graph) => exp(scatter(a!, graph.integers([3, 1]), b!)),
  ],
  pick: [[[3, 4]], ([a], graph) => exp(pick(a!, graph.integers([1, 1, 3])))],
  matmul: [
    [
      [2, 2, 3],
      [2, 3, 2],
    ],
    ([a, b]) => matmul(a!, b!),
  ],
  "linear, [out, in]": [
    [[3, 4]],
    ([x], g) => exp(linear(x!, g.constant(numbers(8, 5), [2, 4]), g.constant([1, -1], [2]))),
  ],
  "linear, [in, out]": [[[3, 4]], ([x], g) => exp(linear(x!, g.constant(numbers(8, 5), [4, 2]), undefined, "inOut"))],
  layerNorm: [
    [[2, 5]],
    ([x], g) => layerNorm(x!, g.constant(numbers(5, 6), [5]), g.constant(numbers(5, 7), [5]), 1e-3),
  ],
  rmsNorm: [[[2, 5]], ([x], g) => rmsNorm(x!, g.constant(numbers(5, 6), [5]), 1e-3)],
  "rmsNorm, 1 + weight": [[[2, 5]], ([x], g) => rmsNorm(x!, g.constant(numbers(5, 6), [5]), 1e-3, 1)],
  geluTanh: [[[7]], ([x]) => geluTanh(scale(x!, 3))],
  silu: [[[5]], ([x]) => silu(scale(x!, 3))],
  softmax: [[[2, 5]], ([x]) => softmax(x!)],
  logSoftmax: [[[2, 5]], ([x]) => logSoftmax(x!)],
  "rotary, interleaved": [
    [[2, 2, 2, 6]],
    ([x], g) => rotary(x!, angles(g, Math.cos), angles(g, Math.sin), "interleaved"),
  ],
  "rotary, halves": [[[2, 2, 2, 6]], ([x], g) => rotary(x!, angles(g, Math.cos), angles(g, Math.sin), "halves")],
  "rotary, whole head": [
    [[2, 2, 1, 4]],
    ([x], g) => rotary(x!, angles(g, Math.cos), angles(g, Math.sin), "interleaved"),
  ],
};

function angles(graph: Graph, f: (x: number) => number): Tensor {
  return graph.constant(numbers(8, 3).map(f), [2, 2, 1, 2]);
}

describe("each operation's pullback agrees with central differences", () => {
  for (const [name, [shapes, rule, options]] of Object.entries(rules)) it(name, () => check(shapes, rule, options));
});

it("rotary in single precision, there and back, is what it is in double", async () => {
  for (const pairs of ["interleaved", "halves"] as const)
    for (const size of [4, 6]) {
      const turned = async (real: Real) => {
        const graph = new Graph(real);
        const x = graph.input("x", [2, 2, 3, size]);
        const weights = graph.input("weights", [2, 2, 3, size]);
        const y = rotary(x, angles(graph, Math.cos), angles(graph, Math.sin), pairs);
        graph.output("y", y);
        graph.output("g", gradient(sum(mul(y, weights), [0, 1, 2, 3], true), [x])[0] as Tensor);
        const session = await ort.InferenceSession.create(graph.parts()[0]!.bytes);
        const feed = (seed: number) => {
          const [data, shape] = [numbers(12 * size, seed), [2, 2, 3, size]];
          return real === "float"
            ? new ort.Tensor("float32", Float32Array.from(data), shape)
            : new ort.Tensor("float64", data, shape);
        };
        const out = await session.run({ x: feed(1), weights: feed(2) });
        return ["y", "g"].flatMap((name) => Array.from(out[name]?.data as Float64Array));
      };
      const [single, double] = [await turned("float"), await turned("double")];
      for (const [i, value] of single.entries()) expect(value).toBeCloseTo(double[i] as number, 6);
    }
});

it("what no result depends on is left out of the models that are run", () => {
  const graph = new Graph();
  const x = graph.input("x", [3]);
  const unread = exp(x);
  mul(unread, unread);
  graph.output("y", scale(x, 2));
  const [part] = graph.parts();
  const nodes = onnx.ModelProto.decode(part!.bytes).graph?.node ?? [];
  expect(nodes.map(({ opType }) => opType)).toEqual(["Mul", "Identity"]);
});

it("a gradient reaches only what lies between the loss and its variable", () => {
  const graph = new Graph("double");
  const x = graph.input("x", [3]);
  const y = graph.input("y", [3]);
  const loss = sum(mul(exp(x), y), [0], true);
  const [g] = gradient(loss, [y]);
  expect(g?.shape).toEqual([3]);
  expect(() => gradient(exp(x), [x])).toThrow("scalar");
  expect(() => gradient(loss, [graph.input("z", [1])])).toThrow("depend");
  expect(() => gradient(loss, [y, graph.input("w", [1])])).toThrow("depend on w");
});

it("a variable may depend on another one", () => {
  const graph = new Graph("double");
  const x = graph.input("x", [3]);
  const y = exp(x);
  const [gx, gy] = gradient(sum(mul(y, y), [0], true), [x, y]);
  expect([gx?.shape, gy?.shape]).toEqual([[3], [3]]);
  // ∂loss/∂x is made from ∂loss/∂y.
  expect(gx?.from).toContain(gy);
});

it("an operation is differentiated, declared constant, or refused", () => {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  const cos = graph.emit("Cos", [x], x.shape);
  const total = (y: Tensor) => sum(y, [0], true);
  expect(() => gradient(total(mul(x, cos)), [x])).toThrow("Cos_0_1 has no rule");
  expect(() => gradient(total(mul(x, graph.emit("Neg", [cos], x.shape))), [x])).toThrow("has no rule");
  expect(gradient(total(mul(x, constant(cos))), [x])).toHaveLength(1);
  expect(() => gradient(total(constant(graph.emit("Sin", [x], x.shape))), [x])).toThrow("depend");
});
