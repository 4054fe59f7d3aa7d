import { formsOf, type Target } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Outcome, Probabilities } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { type GenerateOptions, generate } from "../model/generate.ts";
import { logProbabilities } from "../model/logits.ts";
import type { Model } from "../model/model.ts";
import { adaptersOf, type Row } from "./adapters.ts";
import { labelProbabilities, type Read, tellingTokens } from "./labelProbabilities.ts";

/** A prompt and the edits that are on while the model reads and continues it. */
export type Question = Row;

export interface AskOptions extends Pick<GenerateOptions, "maxTokens"> {
  /** By question a completion that this one may be like, which makes it quicker. */
  readonly beside?: readonly string[];
  /** Forms are told by all of their tokens, as what the model would write, not by as few as make a difference. */
  readonly whole?: boolean;
}

/** Prompts that run as one batch. */
const rowsPerRun = 64;

/**
 * What the model says to each question: the probability of each target, summed over its forms, over the whole head; and
 * the greedy completion (empty for maxTokens 0). A form is told by its first token; where forms of different targets
 * begin alike, by as many as it takes until they differ. Probabilities and first words are always those of the exact
 * weights.
 *
 * @throws RomeError "input" for two targets with a form of the same tokens
 */
export async function ask(
  model: Model,
  questions: readonly Question[],
  targets: readonly Target[],
  { beside = [], whole, ...how }: AskOptions,
  run: Run,
): Promise<Outcome[]> {
  const { tokenizer } = model;
  const telling = tellingTokens(tokenizer, targets, { whole });
  const outcomes: Outcome[] = [];
  for (let start = 0; start < questions.length; start += rowsPerRun) {
    throwIfCancelled(run.signal);
    const batch = questions.slice(start, start + rowsPerRun);
    const adapters = adaptersOf(tokenizer, batch);
    const rows = batch.map(({ prompt }) => tokenizer.encode(prompt));
    const like = batch.map(({ prompt }, i) => {
      const completion = beside[start + i];
      return completion === undefined ? [] : tokenizer.encode(prompt + completion);
    });
    const { tokens, firstLogits } = await generate(model, rows, { ...how, adapters, beside: like }, run);
    const read: Read = async (more, ids) => {
      const behind = async () => {
        const longer = rows.map((row) => [...row, ...more]);
        return (await generate(model, longer, { maxTokens: 0, adapters }, run)).firstLogits;
      };
      const logits = more.length === 0 ? firstLogits : await behind();
      return logits.map((of) => {
        const next = logProbabilities(of);
        return ids.map((id) => next[id] as number);
      });
    };
    const shares = await labelProbabilities(rows.length, read, telling);
    for (const [row, ids] of tokens.entries()) {
      const probability = Object.fromEntries(targets.map(({ label }, i) => [label, shares[row]?.[i] as number]));
      outcomes.push({ completion: tokenizer.continued(ids), probability });
    }
  }
  return outcomes;
}

/** The likelier label. */
export function likelier(probability: Probabilities): string {
  return Object.entries(probability).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** The completion's first word is that of a form of the target. */
export function beginsWith(completion: string, target: Target): boolean {
  const word = (text: string) => /^\s*([\p{L}\p{N}]+)/u.exec(text)?.[1]?.toLowerCase();
  const first = word(completion);
  return first !== undefined && formsOf(target).some((form) => word(form) === first);
}
