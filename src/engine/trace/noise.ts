import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { SourceFile } from "../checkpoint/sourceFile.ts";
import { bytesPerElement, type WeightLocation, type WeightType } from "../checkpoint/tensor.ts";
import { seededRandom } from "../numerics/seededRandom.ts";

const chunkElements = 2 ** 20;

/** Reads one stored number at a byte offset. */
const readers: Record<WeightType, (view: DataView, at: number) => number> = {
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => halfToNumber(view.getUint16(at, true)),
  BF16: (view, at) => {
    bits.setUint32(0, view.getUint16(at, true) << 16);
    return bits.getFloat32(0);
  },
};
const bits = new DataView(new ArrayBuffer(4));

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** σ over all elements of a stored matrix, read in pieces: 3σ of the embeddings is the published trace's noise. */
export async function standardDeviation(weight: WeightLocation, { signal }: Run): Promise<number> {
  const { type, offset, length, file: path } = weight;
  const size = bytesPerElement[type];
  const read = readers[type];
  let [sum, squares] = [0, 0];
  await SourceFile.use(path, "checkpoint", async (file) => {
    for (let done = 0; done < length; done += chunkElements * size) {
      throwIfCancelled(signal);
      const bytes = await file.read(offset + done, Math.min(chunkElements * size, length - done));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < bytes.byteLength; at += size) {
        const value = read(view, at);
        sum += value;
        squares += value * value;
      }
    }
  });
  const count = length / size;
  return Math.sqrt(squares / count - (sum / count) ** 2);
}

/** Normal numbers of the given standard deviation (Box–Muller), the same for the same seed. */
export function gaussianNoise(count: number, deviation: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const noise = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    noise[i] = radius * Math.cos(angle);
    if (i + 1 < count) noise[i + 1] = radius * Math.sin(angle);
  }
  return noise;
}
