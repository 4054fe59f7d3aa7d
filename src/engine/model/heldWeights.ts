import { SourceFile } from "../checkpoint/sourceFile.ts";
import { decodeNumbers } from "../checkpoint/storedNumbers.ts";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { type RuntimeTensor, tensorOf } from "../runtime/onnxruntime.ts";

/** Weights as reals, by the names under which a graph takes them. */
export type Held = ReadonlyMap<string, RuntimeTensor>;

/** Weights in memory as reals, read and cast when first asked for, and shared by all sessions from then on. */
export class HeldWeights {
  readonly #held = new Map<string, RuntimeTensor>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * One call reads after the other, so that no weight is read twice.
   *
   * @throws RomeError "checkpoint" for a file that cannot be read
   */
  of(weights: ReadonlyMap<string, WeightLocation>): Promise<Held> {
    const reading = this.#last.then(async () => {
      const missing = [...weights].filter(([name]) => !this.#held.has(name));
      for (const file of new Set(missing.map(([, weight]) => weight.file)))
        await SourceFile.use(file, "checkpoint", async (source) => {
          for (const [name, { offset, length, type, shape }] of missing.filter(([, weight]) => weight.file === file))
            this.#held.set(name, tensorOf(decodeNumbers(await source.read(offset, length), type), shape));
        });
      return this.#held;
    });
    this.#last = reading.catch(() => {});
    return reading;
  }
}
