import { RomeError } from "../../protocol/errors.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { encodeSafetensorsHeader, readSafetensorsHeader } from "./safetensors.ts";
import { SourceFile, shorten } from "./sourceFile.ts";
import { decodeNumbers } from "./storedNumbers.ts";
import { elementCount } from "./tensor.ts";

/** A tensor in memory: row-major, one entry of `data` an element. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, TensorData>;
  readonly metadata: Readonly<Record<string, string>>;
}

const arrays = { F32: Float32Array, F64: Float64Array };
type DataType = keyof typeof arrays;

/**
 * Writes one of this project's own data files (deltas, covariances, edits) as safetensors, atomically.
 * The bytes depend on the tensors and the metadata alone, in the order given. Failures are RomeErrors ("disk").
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Widest elements first: then each tensor begins at a multiple of its element size.
  const entries = Object.entries(tensors).sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const stored = entries.map(([name, { shape, data }]) => {
    if (elementCount(shape) !== data.length)
      throw new TypeError(`${name}: shape [${shape}] for ${data.length} elements`);
    const type: DataType = data instanceof Float64Array ? "F64" : "F32";
    return { name, type, shape, length: data.byteLength };
  });
  const { header } = encodeSafetensorsHeader(stored, metadata);
  const parts = entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await writeAtomically(path, [header, ...parts]);
}

/**
 * Writes tensors [count, width] of F32 that come a block of rows at a time, and are never all in memory: the same bytes
 * as `writeSafetensors` of the whole. Failures are RomeErrors ("disk").
 *
 * @param widths of each tensor, in the order of the file
 * @param blocks the next rows of every tensor
 */
export async function writeSafetensorsRows(
  path: string,
  count: number,
  widths: Readonly<Record<string, number>>,
  blocks: AsyncIterable<Readonly<Record<string, Float32Array>>>,
): Promise<void> {
  const stored = Object.entries(widths).map(([name, width]) => {
    return { name, type: "F32", shape: [count, width], length: 4 * count * width };
  });
  const { header, offsets } = encodeSafetensorsHeader(stored, {});
  async function* chunks() {
    yield header;
    const places = [...offsets];
    for await (const block of blocks)
      for (const [i, { name }] of stored.entries()) {
        const { buffer, byteOffset, byteLength } = block[name] ?? new Float32Array(0);
        const at = places[i] as number;
        places[i] = at + byteLength;
        yield { bytes: new Uint8Array(buffer, byteOffset, byteLength), at };
      }
    if (stored.some(({ length }, i) => (offsets[i] as number) + length !== places[i]))
      throw new TypeError(`${path}: the blocks do not have ${count} rows of each tensor`);
  }
  await writeAtomically(path, chunks());
}

/**
 * Reads a file that `writeSafetensors` (or any other safetensors writer) made, into memory.
 * F16 becomes float32. Missing, damaged, or of another element type: RomeError ("data").
 *
 * @param wanted only these tensors, where the others are not needed
 */
export async function readSafetensors(path: string, wanted?: readonly string[]): Promise<TensorFile> {
  return SourceFile.use(path, "data", async (file) => {
    const { tensors, metadata } = await readSafetensorsHeader(file);
    const result = new Map<string, TensorData>();
    for (const { name, type, shape, offset, length } of tensors) {
      if (wanted && !wanted.includes(name)) continue;
      if (type !== "F32" && type !== "F64" && type !== "F16") {
        const readable = "only F32, F64 and F16 can be read here";
        throw new RomeError("data", `${path} stores "${shorten(name)}" as ${type}; ${readable}.`);
      }
      const data = allocate(path, type, length);
      await file.readInto(new Uint8Array(data.buffer), offset);
      result.set(name, { shape, data: data instanceof Uint8Array ? decodeNumbers(data, "F16") : data });
    }
    return { tensors: result, metadata };
  });
}

/** What `writeSafetensors` stored beside the tensors; errors as those of `readSafetensors`. */
export async function readSafetensorsMetadata(path: string): Promise<TensorFile["metadata"]> {
  return SourceFile.use(path, "data", async (file) => (await readSafetensorsHeader(file)).metadata);
}

function allocate(path: string, type: DataType | "F16", bytes: number): Float32Array | Float64Array | Uint8Array {
  try {
    return type === "F16" ? new Uint8Array(bytes) : new arrays[type](bytes / arrays[type].BYTES_PER_ELEMENT);
  } catch (cause) {
    throw new RomeError("memory", `${path} holds a tensor of ${bytes} bytes, more than this machine can read.`, {
      cause,
    });
  }
}
