import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { readJson } from "../checkpoint/sourceFile.ts";

/** Lies beside the weights and says what they were unpacked from. */
export const sourceFileName = "gguf.json";

const source = v.object({
  /** Absolute path of the GGUF, and its size and time of change (milliseconds) when it was unpacked. */
  path: v.string(),
  bytes: v.number(),
  modified: v.number(),
  /** Of the whole file, hex. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** The model's name, without how it was quantised. */
  name: v.string(),
  /** The file's own word for how it was quantised, "Q4_K_M" for instance. */
  quantization: v.string(),
  /** Bits that the file spends on a weight, over all. */
  bitsPerWeight: v.number(),
});

export type UnpackedSource = v.InferOutput<typeof source>;

/** What a folder's weights were unpacked from; undefined for a folder that is of another origin. */
export async function unpackedFrom(folder: string): Promise<UnpackedSource | undefined> {
  const path = join(folder, sourceFileName);
  if (!(await stat(path).catch(() => undefined))) return undefined;
  return readJson(path, "checkpoint", source);
}

/** What such a model is called wherever one is named. */
export function unpackedName({ name, quantization, bitsPerWeight }: UnpackedSource): string {
  return `${name} (unpacked from ${quantization} GGUF, ${bitsPerWeight.toFixed(1)} bits a weight)`;
}
