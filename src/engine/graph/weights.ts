/** Where a graph's weights lie: in the user's own files, as they are. */
import { onnx } from "onnx-proto";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { dataType } from "./onnxTypes.ts";
import type { ElementType } from "./types.ts";

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

/** A weight that stays in its file, at `location` from the session's weight folder: the model has only its place. */
export function external(
  name: string,
  type: ElementType,
  location: string,
  { shape, offset, length }: WeightLocation,
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
