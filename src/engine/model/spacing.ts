import type { Run } from "../../protocol/run.ts";
import { generate } from "./generate.ts";
import type { Model } from "./model.ts";

/**
 * The words that were given without a leading space where the one with it is a single token, and likelier behind the
 * prompt: "male" where the model says " male".
 *
 * @param prompt ids of its tokens
 */
export async function unspaced(
  model: Model,
  prompt: readonly number[],
  words: readonly string[],
  run: Run,
): Promise<string[]> {
  const pairs = words.flatMap((word) => {
    const [ids, spaced] = [model.tokenizer.continuation(word), model.tokenizer.continuation(` ${word}`)];
    return /^\S/.test(word) && spaced.length === 1 ? [{ word, id: ids[0] as number, spaced: spaced[0] as number }] : [];
  });
  if (pairs.length === 0) return [];
  const { firstLogits } = await generate(model, [prompt], { maxTokens: 0 }, { ...run, progress: () => {} });
  const logit = (id: number) => firstLogits[0]?.[id] as number;
  return pairs.filter(({ id, spaced }) => logit(spaced) > logit(id)).map(({ word }) => word);
}

/** Notes on such words. */
export async function spacingNotes(...asked: Parameters<typeof unspaced>): Promise<string[]> {
  return (await unspaced(...asked)).map(
    (word) =>
      `${JSON.stringify(` ${word}`)} is likelier here than ${JSON.stringify(word)}: did you mean it, with its leading space?`,
  );
}
