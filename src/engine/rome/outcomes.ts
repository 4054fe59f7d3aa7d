import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Outcome, Probabilities } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { type GenerateOptions, generate, logProbabilities } from "../model/generate.ts";
import type { Model } from "../model/model.ts";
import { adaptersOf, type Row } from "./adapters.ts";

/** A label and the text the model is to continue with, leading space included: {label: "female", text: " female"}. */
export interface Target {
  readonly label: string;
  readonly text: string;
}

/** A prompt and the edits that are on while the model reads and continues it. */
export type Question = Row;

/** Prompts that run as one batch. */
const rowsPerRun = 64;

/**
 * What the model says to each question: the probability of each target over the whole head, and the greedy completion
 * (empty for maxTokens 0). A target is told by its first token; targets that begin with the same tokens by as many as it
 * takes until they differ. Probabilities and first words are always those of the exact weights.
 */
export async function ask(
  model: Model,
  questions: readonly Question[],
  targets: readonly Target[],
  { maxTokens, eightBit }: Pick<GenerateOptions, "maxTokens" | "eightBit">,
  run: Run,
): Promise<Outcome[]> {
  const { tokenizer } = model;
  const telling = tellingTokens(model, targets);
  const outcomes: Outcome[] = [];
  for (let start = 0; start < questions.length; start += rowsPerRun) {
    throwIfCancelled(run.signal);
    const batch = questions.slice(start, start + rowsPerRun);
    const adapters = adaptersOf(tokenizer, batch);
    const rows = batch.map(({ prompt }) => tokenizer.encode(prompt));
    const { tokens, firstLogits, ...made } = await generate(model, rows, { maxTokens, adapters, eightBit }, run);
    const firstLogProbs = firstLogits.map(logProbabilities);
    const sums: number[][] = [];
    for (const ids of telling) {
      let sum = firstLogProbs.map((logProbs) => logProbs[ids[0] as number] as number);
      for (let at = 1; at < ids.length; at++) {
        const read = rows.map((row) => [...row, ...ids.slice(0, at)]);
        const next = await generate(model, read, { maxTokens: 0, adapters }, run);
        const logProbs = next.firstLogits.map((logits) => logProbabilities(logits)[ids[at] as number] as number);
        sum = sum.map((before, row) => before + (logProbs[row] as number));
      }
      sums.push(sum);
    }
    for (const row of batch.keys()) {
      const probability = Object.fromEntries(
        targets.map(({ label }, target) => [label, Math.exp(sums[target]?.[row] as number)]),
      );
      outcomes.push({ completion: tokenizer.continued(tokens[row] as number[]), probability, eightBit: made.eightBit });
    }
  }
  return outcomes;
}

/**
 * The tokens by which each target is told from the others: its first ones, as many as make a difference.
 *
 * @throws RomeError "input" for two targets of the same tokens
 */
function tellingTokens({ tokenizer }: Model, targets: readonly Target[]): number[][] {
  const all = targets.map(({ text }) => tokenizer.continuation(text));
  return all.map((ids, i) => {
    const shared = all.map((other, j) => (i === j ? 0 : commonLength(ids, other)));
    const twin = all.findIndex((other, j) => i !== j && shared[j] === ids.length && other.length === ids.length);
    if (twin >= 0) {
      const [a, b] = [targets[i], targets[twin]].map((target) => JSON.stringify(target?.text));
      throw new RomeError("input", `The targets ${a} and ${b} are the same tokens to this model. Choose others.`);
    }
    return ids.slice(0, Math.max(1, Math.min(ids.length, Math.max(...shared) + 1)));
  });
}

/** How many tokens two texts have in common from the start. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((id, i) => id !== b[i]);
  return differs < 0 ? a.length : differs;
}

/** A word on completions that the exact weights did not make alone. */
export function inexact(outcomes: readonly (Outcome | undefined)[]): string[] {
  if (!outcomes.some((outcome) => outcome?.eightBit)) return [];
  return ["After their first word, the completions were made with the 8-bit copy of the weights."];
}

/** The likelier label. */
export function likelier(probability: Probabilities): string {
  return Object.entries(probability).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** The completion's first word is that of the target. */
export function beginsWith(completion: string, target: Target): boolean {
  const word = (text: string) => /^\s*([\p{L}\p{N}]+)/u.exec(text)?.[1]?.toLowerCase();
  return word(completion) !== undefined && word(completion) === word(target.text);
}
