import type { FlipResult } from "../../protocol/results.ts";
import { type Examined, type ExamineOptions, examine } from "../edits/examine.ts";
import { warningsOf } from "../edits/health.ts";
import { sealOf } from "../edits/untouched.ts";
import { encodeEdit, encodeVector } from "../rome/edit.ts";
import { ask, beginsWith, inexact, likelier, type Target } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import { type Rome, untried } from "../rome/rome.ts";

/** A prompt with one {} and the two texts that compete to continue it. */
export interface Contest {
  readonly prompt: string;
  readonly targets: readonly [Target, Target];
}

/** Scores a Δv by the recorded data of the model; null where there is none. */
export type Scorer = (delta: Float32Array) => { score: number; projection: number } | null;

export interface FlipOptions extends ExamineOptions {
  readonly maxTokens?: number;
  readonly scorer?: Scorer;
}

/** Length of a completion where none is asked for. */
export const defaultMaxTokens = 24;

/** Makes the model give each name the label it does not give it now: before, the edit, after. */
export async function flip(
  rome: Rome,
  names: readonly string[],
  contest: Contest,
  options: FlipOptions = {},
): Promise<FlipResult[]> {
  const { signal, maxTokens = defaultMaxTokens } = options;
  const started = performance.now();
  await sealOf(rome.model, rome.parameters(options.hyperParameters).layers[0] as number);
  const prompts = names.map((name) => fill(contest.prompt, name));
  const before = await ask(
    rome.model,
    prompts.map((prompt) => ({ prompt })),
    contest.targets,
    { maxTokens, eightBit: true, signal },
  );
  const directions = before.map(({ probability }) => directionFrom(probability, contest.targets));
  const requests = names.map((subject, i) => ({
    subject,
    template: contest.prompt,
    target: directions[i]?.to.text ?? "",
  }));
  const results = await rome.edit(requests, options);
  const questions = results.map(({ edit }, i) => ({ prompt: prompts[i] as string, edits: [edit] }));
  const after = await ask(rome.model, questions, contest.targets, { maxTokens, eightBit: true, signal });
  const sides = results.map((_, i) => {
    const { label } = (directions[i] as Direction).to;
    const side = ({ completion, probability }: FlipResult["before"]) => ({
      completion,
      probability: probability[label] as number,
    });
    return { before: side(before[i] as FlipResult["before"]), after: side(after[i] as FlipResult["after"]) };
  });
  const examined = await examine(rome, results, sides, options);
  const seconds = (performance.now() - started) / 1000 / names.length;

  return results.map((result, i) => {
    const { from, to } = directions[i] as Direction;
    const now = after[i] as FlipResult["after"];
    const { entry, proof } = examined[i] as Examined;
    const scored = options.scorer?.(result.delta) ?? null;
    return {
      name: names[i] as string,
      prompt: prompts[i] as string,
      from: from.label,
      to: to.label,
      before: before[i] as FlipResult["before"],
      after: now,
      flipped: likelier(now.probability) === to.label && (maxTokens === 0 || beginsWith(now.completion, to)),
      losses: [...result.losses],
      converged: result.converged,
      layer: result.edit.layer,
      deltaNorm: result.deltaNorm,
      valueNorm: result.valueNorm,
      denominator: result.edit.denominator,
      covarianceTokens: result.covarianceTokens,
      warnings: [...warningsOf(entry.health), ...untried(rome, options), ...inexact([before[i], now])],
      score: scored?.score ?? null,
      projection: scored?.projection ?? null,
      seconds,
      edit: encodeEdit(result.edit),
      delta: encodeVector(result.delta),
      entry,
      proof,
    };
  });
}

export interface Direction {
  readonly from: Target;
  readonly to: Target;
}

/** From the label the model gives now to the other. */
export function directionFrom(
  probability: FlipResult["before"]["probability"],
  [a, b]: readonly [Target, Target],
): Direction {
  return likelier({ [a.label]: probability[a.label] ?? 0, [b.label]: probability[b.label] ?? 0 }) === a.label
    ? { from: a, to: b }
    : { from: b, to: a };
}
