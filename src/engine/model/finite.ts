/** A result that is no number is an error, and says where it comes from. */

import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { SourceFile } from "../checkpoint/sourceFile.ts";
import { decodeNumbers } from "../checkpoint/storedNumbers.ts";
import { bytesPerElement, type WeightLocation } from "../checkpoint/tensor.ts";

/** Elements of a weight that are in memory at once. */
const bandElements = 2 ** 22;

/**
 * Lets results pass that are numbers. Only where one is not are the weights read, to find the one that is to blame.
 *
 * @param results by name
 * @throws RomeError "checkpoint" that names the first weight with NaN or an infinity; "engine" that names the result,
 *   where all weights are finite; "cancelled"
 */
export async function requireFinite(
  results: Readonly<Record<string, Float32Array>>,
  weights: ReadonlyMap<string, WeightLocation>,
  { signal }: Run,
): Promise<void> {
  const broken = Object.entries(results).find(([, values]) => !allFinite(values));
  if (!broken) return;
  for (const [name, weight] of weights) {
    const value = await firstNotFinite(weight, signal);
    if (value !== undefined)
      throw new RomeError(
        "checkpoint",
        `The model's output is not a number: its weight ${name} holds ${value}. Take another copy of the model.`,
      );
  }
  const why = "its weights are finite, so it overflowed on the way. Try weights that were trained in this number type.";
  throw new RomeError("engine", `The model's output (${broken[0]}) is not a number: ${why}`);
}

function allFinite(values: Float32Array): boolean {
  // A sum is finite only if all its terms are, and takes no call an element; float32 terms cannot overflow a double.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return Number.isFinite(sum);
}

async function firstNotFinite({ file, type, offset, length }: WeightLocation, signal: AbortSignal) {
  const step = bandElements * bytesPerElement[type];
  return SourceFile.use(file, "checkpoint", async (source) => {
    for (let at = 0; at < length; at += step) {
      throwIfCancelled(signal);
      const numbers = decodeNumbers(await source.read(offset + at, Math.min(step, length - at)), type);
      const value = numbers.find((number) => !Number.isFinite(number));
      if (value !== undefined) return value;
    }
    return undefined;
  });
}
