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
  requireRoom(size, ids);
  return ids;
}

/** @throws RomeError "input" for a prompt that is too long */
export function requireRoom({ positions }: Model["size"], { length }: readonly number[]): void {
  if (length > positions)
    throw new RomeError("input", `The prompt has ${length} tokens; this model reads at most ${positions}. Shorten it.`);
}
