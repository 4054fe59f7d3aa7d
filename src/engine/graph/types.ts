import type { WeightType } from "../checkpoint/tensor.ts";

/** A known size, or the name of one that is only known when the graph runs ("rows"). Equal names are equal sizes. */
export type Dimension = number | string;

/** Types of values while a graph runs. Real numbers are float; double serves the gradient tests. */
export type Real = "float" | "double";
export type ElementType = Real | "float16" | "bfloat16" | "int64";

export const elementTypeOf: Record<WeightType, ElementType> = { F32: "float", F16: "float16", BF16: "bfloat16" };

/** How a linear layer's weight lies in the checkpoint: PyTorch's Linear [out, in], or GPT-2's Conv1D [in, out]. */
export type WeightLayout = "outIn" | "inOut";
