/** Element types a checkpoint may store its weights in. */
export type WeightType = "F32" | "F16" | "BF16";

/** Bytes of one element. */
export const bytesPerElement: Record<WeightType, number> = { F32: 4, F16: 2, BF16: 2 };

/** Where a weight lies in the user's own files: never read here, only mapped by onnxruntime. */
export interface WeightLocation {
  /** Name in the checkpoint, e.g. "transformer.h.0.mlp.fc_out.weight". */
  readonly name: string;
  readonly type: WeightType;
  /** Row-major shape. */
  readonly shape: readonly number[];
  /** Absolute real path (links resolved) of the file that holds it. */
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Length in bytes: always the product of the shape times the element size. */
  readonly length: number;
}
