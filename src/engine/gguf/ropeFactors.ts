import { RomeError } from "../../protocol/errors.ts";

/** Turns within the original length: below the first a frequency is divided by the whole factor, above the second it is kept. */
const [low, high] = [1, 4];
/** The lengths that are tried: 2^7 … 2^17 tokens. */
const lengths = Array.from({ length: 11 }, (_, i) => 2 ** (7 + i));
const tolerance = 1e-4;

/**
 * The rope_scaling of Llama 3.1 and later, told from what each pair's frequency is divided by: 1 for quick ones, `factor`
 * for slow ones, a blend between. The file says nothing of the length that the model was first trained on; the one whose
 * factors these are is taken.
 *
 * @throws RomeError ("architecture") for factors that are not made so
 */
export function llama3Scaling(factors: Float32Array, headSize: number, base: number): Record<string, unknown> {
  const factor = Number(factors.reduce((most, value) => Math.max(most, value), 0).toPrecision(7));
  const blended = (length: number, pair: number) => {
    const turns = (length * base ** ((-2 * pair) / headSize)) / (2 * Math.PI);
    const share = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return 1 / ((1 - share) / factor + share);
  };
  const fits = (length: number) =>
    factors.every((value, pair) => Math.abs(value - blended(length, pair)) <= tolerance * value);
  const length = factors.length === headSize / 2 ? lengths.find(fits) : undefined;
  if (length === undefined)
    throw new RomeError(
      "architecture",
      "The GGUF's \"rope_freqs.weight\" is not made as Llama 3.1's is, the only kind that can be run exactly.",
    );
  return {
    rope_type: "llama3",
    factor,
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: length,
  };
}
