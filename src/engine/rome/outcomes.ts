import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Outcome, Probabilities } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { type GenerateOptions, generate, logProbabilities } from "../model/generate.ts";
import type { Model } from "../model/model.ts";
import { adaptersOf, type LiveEdit } from "./edit.ts";

/** A label and the text the model is to continue with, leading space included: {label: "female", text: " female"}. */
export interface Target {
  readonly label: string;
  readonly text: string;
}

/** A prompt and the edits that are on while the model reads and continues it. */
export interface Question {
  readonly prompt: string;
  readonly edits?: readonly LiveEdit[];
}

/** Prompts that run as one batch. */
const rowsPerRun = 64;

/**
 * What the model says to each question: the probability of each target's first token over the whole head, and the
 * greedy completion (empty for maxTokens 0). Probabilities and first words are always those of the exact weights.
 */
export async function ask(
  model: Model,
  questions: readonly Question[],
  targets: readonly Target[],
  { maxTokens, eightBit }: Pick<GenerateOptions, "maxTokens" | "eightBit">,
  run: Run,
): Promise<Outcome[]> {
  const { tokenizer } = model;
  const first = firstTokens(model, targets);
  const outcomes: Outcome[] = [];
  for (let start = 0; start < questions.length; start += rowsPerRun) {
    throwIfCancelled(run.signal);
    const batch = questions.slice(start, start + rowsPerRun);
    const adapters = adaptersOf(batch);
    const rows = batch.map(({ prompt }) => tokenizer.encode(prompt));
    const { tokens, firstLogits, ...made } = await generate(model, rows, { maxTokens, adapters, eightBit }, run);
    for (const [row, logits] of firstLogits.entries()) {
      const logProbs = logProbabilities(logits);
      const probability = Object.fromEntries(first.map(([label, id]) => [label, Math.exp(logProbs[id] as number)]));
      outcomes.push({ completion: tokenizer.continued(tokens[row] as number[]), probability, eightBit: made.eightBit });
    }
  }
  return outcomes;
}

/** The token by which each target's label is told. */
function firstTokens({ tokenizer }: Model, targets: readonly Target[]): [string, number][] {
  const first = targets.map(({ label, text }): [string, number] => [label, tokenizer.continuation(text)[0] as number]);
  requireDistinct(first, targets);
  return first;
}

/** @throws RomeError "input" for targets that begin with the same token: their probabilities would be one number */
function requireDistinct(first: readonly [string, number][], targets: readonly Target[]): void {
  for (const [i, [, id]] of first.entries()) {
    const same = first.findIndex(([, other]) => other === id);
    if (same === i) continue;
    const [a, b] = [targets[same], targets[i]].map((target) => JSON.stringify(target?.text));
    throw new RomeError(
      "input",
      `The targets ${a} and ${b} begin with the same token of this model, so that it cannot be told which one it says. Choose targets that differ from the start.`,
    );
  }
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
