/** Where a graph's weights lie: in the user's own files, as they are or in blocks of 8-bit numbers. */
import { onnx } from "onnx-proto";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { dataType } from "./onnxTypes.ts";
import type { ElementType, WeightLayout } from "./types.ts";

/** A stretch of a file that holds numbers of one type. */
export type Stretch = Pick<WeightLocation, "file" | "offset" | "length">;

/** A linear layer's weight in blocks of 8-bit numbers: [out, blocks, blockSize] of uint8, and a scale a block. */
export interface Blocks {
  readonly values: Stretch;
  readonly scales: Stretch;
}

/** Input components that share a scale. */
export const blockSize = 32;

/** Tells where the blocks of a weight lie that a part uses. */
export type BlockPlan = (weight: WeightLocation, layout: WeightLayout, part: number) => Blocks;

/**
 * How stored weights become numbers to compute with.
 * - `hold`: matrices are cast once by the program and given to every session as inputs (fast; costs 4 bytes a weight of
 *   memory, however many sessions there are);
 * - `fold`: cast once when a session is made, and kept by it in the order in which its products want them: for small
 *   models on a device, to which inputs would be sent at each run;
 * - `stream`: cast where they are used and dropped at once (the weights stay mapped from the user's file), a band that
 *   stays in the processor's cache at a time; a part a layer, so that a run can be stopped between layers;
 * - `resident`: a whole weight cast where it is used, all layers in one part: for a device, which holds the stored
 *   weights in memory of its own. What goes from part to part would pass through the host's.
 */
export type WeightPolicy = "hold" | "fold" | "stream" | "resident";

/** Whether weights are cast wherever they are used, and the casts dropped. */
export function castsAtUse(policy: WeightPolicy): boolean {
  return policy === "stream" || policy === "resident";
}

/** Numbers that stay in their file, at `location` from the session's weight folder: the model has only their place. */
export function external(
  name: string,
  type: ElementType,
  shape: readonly number[],
  location: string,
  { offset, length }: Stretch,
): onnx.ITensorProto {
  const entry = (key: string, value: string | number) => ({ key, value: String(value) });
  return {
    name,
    dataType: dataType[type],
    dims: [...shape],
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: [entry("location", location), entry("offset", offset), entry("length", length)],
  };
}

/** Rows `from` … `from + count` − 1 of a weight, as a weight of their own over the same file. */
export function rowsOf(weight: WeightLocation, from: number, count: number): WeightLocation {
  const [rows, ...rest] = weight.shape as [number, ...number[]];
  if (count === rows) return weight;
  const row = weight.length / rows;
  return { ...weight, shape: [count, ...rest], offset: weight.offset + from * row, length: count * row };
}
