import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { throwIfCancelled } from "../../protocol/errors.ts";
import { SourceFile } from "./sourceFile.ts";
import type { WeightLocation } from "./tensor.ts";

type Weights = ReadonlyMap<string, WeightLocation>;

const sampleBytes = 4096;
const chunkBytes = 2 ** 22;

/**
 * A short name for one model: SHA-256 (hex) over its config.json and, for each weight, its name, type, shape and the
 * bytes at its start, middle and end. The same weights give the same fingerprint in whatever files they are kept;
 * an edit of a matrix changes it. Reads some kilobytes a weight, whatever the size.
 */
export async function fingerprintOf(config: string, weights: Weights, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256").update(config);
  await eachWeight(weights, hash, signal, async (file, { offset, length }) => {
    const size = Math.min(sampleBytes, length);
    const last = length - size;
    for (const at of new Set([0, Math.floor(last / 2), last])) hash.update(await file.read(offset + at, size));
  });
  return hash.digest("hex");
}

/** The folder of the program's storage for what is made of a model. */
export function cacheOf(storage: string, fingerprint: string): string {
  return join(storage, fingerprint.slice(0, 16));
}

/**
 * SHA-256 (hex) over every weight's name, type, shape and all its bytes, read in pieces: the proof that a checkpoint
 * is what it was. Takes as long as reading the files.
 *
 * @param onProgress called with the bytes read so far
 */
export async function hashWeights(
  checkpoint: { readonly weights: Weights },
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (bytes: number) => void } = {},
): Promise<string> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let total = 0;
  await eachWeight(checkpoint.weights, hash, signal, async (file, { offset, length }) => {
    for (let done = 0; done < length; ) {
      throwIfCancelled(signal);
      const part = chunk.subarray(0, Math.min(chunkBytes, length - done));
      await file.readInto(part, offset + done);
      hash.update(part);
      done += part.length;
      total += part.length;
      onProgress?.(total);
    }
  });
  return hash.digest("hex");
}

/** Visits the weights in the order of their names, having hashed what each is; opens a file once for its neighbours. */
async function eachWeight(
  weights: Weights,
  hash: Hash,
  signal: AbortSignal | undefined,
  visit: (file: SourceFile, weight: WeightLocation) => Promise<void>,
): Promise<void> {
  const sorted = [...weights.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (let i = 0; i < sorted.length; ) {
    const path = (sorted[i] as WeightLocation).file;
    await SourceFile.use(path, "checkpoint", async (file) => {
      for (; sorted[i]?.file === path; i++) {
        const weight = sorted[i] as WeightLocation;
        throwIfCancelled(signal);
        hash.update(JSON.stringify([weight.name, weight.type, weight.shape]));
        await visit(file, weight);
      }
    });
  }
}
