import { RomeError } from "../../protocol/errors.ts";
import type { Model } from "./model.ts";

/**
 * The tokens of a prompt that a model can read.
 *
 * @throws RomeError "input" for an empty one, or one that is too long
 */
export function promptTokens({ tokenizer, size }: Model, prompt: string): number[] {
  const ids = tokenizer.encode(prompt);
  if (ids.length === 0) throw new RomeError("input", "The prompt is empty. Give the text that the model is to read.");
  if (ids.length > size.positions)
    throw new RomeError(
      "input",
      `The prompt has ${ids.length} tokens; this model reads at most ${size.positions}. Shorten it.`,
    );
  return ids;
}
