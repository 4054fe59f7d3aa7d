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

/** A tensor of any element type as a file declares it, already checked to lie inside that file. */
export interface StoredTensor extends Omit<WeightLocation, "type" | "file"> {
  /** Element type in the safetensors spelling ("F32", "U8", …). */
  readonly type: string;
}

/** Bits of one element, by the safetensors spelling of its type. */
export const bitsPerElement: ReadonlyMap<string, number> = new Map([
  ...["BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"].map((type) => [type, 8] as const),
  ...["U16", "I16", "F16", "BF16"].map((type) => [type, 16] as const),
  ...["U32", "I32", "F32"].map((type) => [type, 32] as const),
  ...["U64", "I64", "F64", "C64"].map((type) => [type, 64] as const),
  ["C128", 128],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["F4", 4],
]);

/** Number of elements, or undefined where it is beyond what a number holds exactly. */
export function elementCount(shape: readonly number[]): number | undefined {
  if (shape.includes(0)) return 0;
  const count = shape.reduce((product, size) => product * size, 1);
  return Number.isSafeInteger(count) ? count : undefined;
}
