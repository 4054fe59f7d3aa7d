/** A computation cut into ONNX models. */
import { onnx } from "onnx-proto";
import { dataType } from "./onnxTypes.ts";
import type { Dimension, ElementType } from "./types.ts";

/** A stretch of a computation, runnable by itself. */
export interface Part {
  /** An ONNX model. */
  readonly bytes: Uint8Array;
  /** Names of what it takes: inputs of the whole computation, and what earlier parts made. */
  readonly inputs: readonly string[];
  /** Names of what it gives: outputs of the whole computation, and what later parts take. */
  readonly outputs: readonly string[];
  /** Those of the inputs that no later part takes. */
  readonly lastUsed: readonly string[];
  /** Those of the outputs that the whole computation gives. */
  readonly results: readonly string[];
}

/** A computation that was traced. */
export interface Trace {
  readonly nodes: readonly onnx.INodeProto[];
  /** Numbers of the nodes at which parts begin, the first left out. */
  readonly cuts: readonly number[];
  /** Names of what the computation gives. */
  readonly results: ReadonlySet<string>;
  readonly initializers: ReadonlyMap<string, onnx.ITensorProto>;
  /** Every value by its name. */
  readonly tensors: ReadonlyMap<string, { readonly type: ElementType; readonly shape: readonly Dimension[] }>;
}

/**
 * The computation as ONNX models (IR version 8, operator set 18) to be run one after another, one from cut to cut:
 * between them a run can be stopped, and only what later parts need stays in memory. Nodes that no result depends on
 * are left out: onnxruntime would run them.
 */
export function partsOf(trace: Trace): Part[] {
  const { nodes, cuts, results, initializers } = trace;
  const needed = neededFor(results, nodes);
  const bounds = [0, ...cuts, nodes.length];
  const slices = bounds
    .slice(1)
    .map((end, i) => nodes.slice(bounds[i], end).filter((node) => needed.has(node)))
    .filter(({ length }) => length > 0);
  const lastUse = new Map<string, number>();
  for (const [i, slice] of slices.entries())
    for (const { input } of slice) for (const name of input ?? []) lastUse.set(name, i);
  return slices.map((slice, i) => {
    const made = new Set(slice.flatMap(({ output }) => output ?? []));
    const used = new Set(slice.flatMap(({ input }) => input ?? []));
    const inputs = [...used].filter((name) => !made.has(name) && !initializers.has(name));
    const outputs = [...made].filter((name) => results.has(name) || (lastUse.get(name) ?? i) > i);
    return {
      bytes: model(trace, slice, inputs, outputs),
      inputs,
      outputs,
      lastUsed: inputs.filter((name) => lastUse.get(name) === i),
      results: outputs.filter((name) => results.has(name)),
    };
  });
}

/** The nodes that the results are made from, however indirectly. */
function neededFor(results: ReadonlySet<string>, nodes: readonly onnx.INodeProto[]): Set<onnx.INodeProto> {
  const wanted = new Set(results);
  const needed = new Set<onnx.INodeProto>();
  for (const node of nodes.toReversed()) {
    if (!node.output?.some((name) => wanted.has(name))) continue;
    needed.add(node);
    for (const name of node.input ?? []) wanted.add(name);
  }
  return needed;
}

function model(
  trace: Trace,
  node: onnx.INodeProto[],
  inputs: readonly string[],
  outputs: readonly string[],
): Uint8Array {
  const used = new Set(node.flatMap(({ input }) => input ?? []));
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [
      { domain: "", version: 18 },
      { domain: "com.microsoft", version: 1 },
    ],
    graph: {
      name: "rome",
      node,
      input: infos(trace, inputs),
      output: infos(trace, outputs),
      initializer: [...used].flatMap((name) => trace.initializers.get(name) ?? []),
    },
  }).finish();
}

function infos({ tensors }: Trace, names: readonly string[]): onnx.IValueInfoProto[] {
  return names.flatMap((name) => {
    const tensor = tensors.get(name);
    if (!tensor) return [];
    const dim = tensor.shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
    return { name, type: { tensorType: { elemType: dataType[tensor.type], shape: { dim } } } };
  });
}
