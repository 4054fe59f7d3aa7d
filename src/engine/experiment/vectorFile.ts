import { extname } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import { readSafetensors } from "../checkpoint/tensorFile.ts";
import { readBytes } from "../files/readText.ts";

const readers: Readonly<Record<string, (path: string) => Promise<ArrayLike<number>>>> = {
  ".npy": readNpy,
  ".safetensors": readTensor,
};

/** Whether a path is a vector's file, by its ending; a data set is a folder. */
export function isVectorFile(path: string): boolean {
  return Object.hasOwn(readers, extname(path));
}

/**
 * The vector of a file: NumPy's .npy of one dimension, or a .safetensors with a tensor "vector" or only one.
 *
 * @throws RomeError "data" where it is missing, of another length than `width`, or holds numbers that are not finite
 */
export async function readVectorFile(path: string, width: number): Promise<Float32Array> {
  const values = await (readers[extname(path)] ?? readNpy)(path);
  if (values.length !== width)
    throw new RomeError(
      "data",
      `${path} holds ${values.length} numbers; this model's vectors have ${width}. Choose another.`,
    );
  const vector = Float32Array.from(values);
  if (!vector.every(Number.isFinite)) throw new RomeError("data", `${path} holds numbers that are not finite.`);
  return vector;
}

async function readTensor(path: string): Promise<ArrayLike<number>> {
  const { tensors } = await readSafetensors(path);
  const tensor = tensors.get("vector") ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined);
  if (!tensor)
    throw new RomeError(
      "data",
      `${path} has no tensor "vector", and more than one. Name the one that is meant "vector".`,
    );
  return tensor.data;
}

/** NumPy's format, versions 1 and 2: magic, version, length of the header, the header, the numbers. */
async function readNpy(path: string): Promise<ArrayLike<number>> {
  const bytes = await readBytes(path);
  const wrong = (what: string) => new RomeError("data", `${path} ${what}. Save the vector with numpy.save as float32.`);
  if (bytes.subarray(1, 6).toString("latin1") !== "NUMPY") throw wrong("is no .npy file");
  const wide = (bytes[6] as number) > 1;
  const start = (wide ? 12 : 10) + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.subarray(10, start).toString("latin1");
  const type = /'descr': '<f([48])'/.exec(header)?.[1];
  const length = /'shape': \((\d+),\)/.exec(header)?.[1];
  if (!type || length === undefined) throw wrong("is not one row of float32 or float64");
  if (bytes.length !== start + Number(type) * Number(length)) throw wrong("is damaged or incomplete");
  const numbers = Uint8Array.from(bytes.subarray(start)).buffer;
  return type === "4" ? new Float32Array(numbers) : new Float64Array(numbers);
}
