/** What a traced computation costs, counted: no clock, so that a slow change fails on any machine. */
import { onnx } from "onnx-proto";
import { vi } from "vitest";
import { requireWeight } from "../../src/engine/checkpoint/openCheckpoint.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tracer } from "../../src/engine/model/graphs.ts";
import type { Model } from "../../src/engine/model/model.ts";

export interface Work {
  /** Multiplications and additions of products with weights, and of all other products. */
  readonly weightFlop: number;
  readonly otherFlop: number;
  /** Numbers written by everything that is neither a product nor a view of what is there. */
  readonly written: number;
  readonly nodes: number;
}

/** Operations whose result is their input, or a few numbers about its shape. */
const views = new Set(["Reshape", "Unsqueeze", "Squeeze", "Identity", "Shape"]);

/** @param sizes of the dimensions that are only known when a graph runs, by name */
export function workOf(model: Model, trace: (tracer: Tracer) => void, sizes: Readonly<Record<string, number>>): Work {
  const { emit } = Graph.prototype;
  const traced = new Map<string, { operator: string; made: number; inner: number }>();
  const spy = vi.spyOn(Graph.prototype, "emit").mockImplementation(function (this: Graph, operator, inputs, ...rest) {
    const result = emit.call(this, operator, inputs, ...rest);
    const size = (dimension: number | string) => {
      const known = typeof dimension === "number" ? dimension : sizes[dimension];
      if (known === undefined) throw new Error(`the size of ${dimension} is not given`);
      return known;
    };
    const made = result.type === "int64" ? 0 : result.shape.reduce<number>((product, each) => product * size(each), 1);
    const product = operator === "Gemm" || operator === "MatMul";
    traced.set(result.name, { operator, made, inner: product ? size(inputs[0]?.shape.at(-1) ?? 0) : 0 });
    return result;
  });
  try {
    const graph = new Graph("float", "hold");
    const weights = (name: string, shape: readonly number[]) =>
      graph.weight(requireWeight(model.checkpoint, name, shape));
    trace({ graph, architecture: model.architecture, weights });
    // Of what was traced, what is run.
    const names = graph.parts().flatMap(({ bytes }) => onnx.ModelProto.decode(bytes).graph?.node ?? []);
    const run = names.map(({ output }) => traced.get(output?.[0] ?? "")).filter((node) => node !== undefined);
    const sum = (count: (node: (typeof run)[number]) => number) => run.reduce((total, node) => total + count(node), 0);
    const flopOf = (kind: string) => sum(({ operator, made, inner }) => (operator === kind ? 2 * made * inner : 0));
    return {
      weightFlop: flopOf("Gemm"),
      otherFlop: flopOf("MatMul"),
      written: sum(({ operator, made, inner }) => (inner > 0 || views.has(operator) ? 0 : made)),
      nodes: run.length,
    };
  } finally {
    spy.mockRestore();
  }
}
