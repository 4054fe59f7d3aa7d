import type { WeightType } from "../checkpoint/tensor.ts";
import type { Graph } from "./graph.ts";

/** A known size, or the name of one that is only known when the graph runs ("rows"). Equal names are equal sizes. */
export type Dimension = number | string;

/** Types of values while a graph runs. Real numbers are float; double serves the gradient tests. */
export type Real = "float" | "double";
export type ElementType = Real | "float16" | "bfloat16" | "int64" | "uint8";

export const elementTypeOf: Record<WeightType, ElementType> = { F32: "float", F16: "float16", BF16: "bfloat16" };

/** How a linear layer's weight lies in the checkpoint: PyTorch's Linear [out, in], or GPT-2's Conv1D [in, out]. */
export type WeightLayout = "outIn" | "inOut";

/** Gives the part of ∂loss/∂input that flows through one use of the input, from `g` = ∂loss/∂output. */
export type Pullback = (g: Tensor) => Tensor;

/** A value in a traced graph: no numbers, only where they will be. */
export class Tensor {
  /** How the value depends on differentiable inputs: what `gradient` walks back along. Undefined until declared. */
  parents?: readonly { readonly input: Tensor; readonly pullback: Pullback }[];

  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly type: ElementType,
    readonly shape: readonly Dimension[],
    /** Position in the order of creation: inputs of a value always come before it. */
    readonly order: number,
    /** Inputs of the node that gives it. */
    readonly from: readonly Tensor[],
  ) {}

  get rank(): number {
    return this.shape.length;
  }
}
