import type { FlipResult } from "../../protocol/results.ts";
import { encodeEdit } from "../rome/edit.ts";
import { ask, beginsWith, likelier, type Target } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";

/** A prompt with one {} and the two texts that compete to continue it. */
export interface Contest {
  readonly prompt: string;
  readonly targets: readonly [Target, Target];
}

/** Scores a Δv by the recorded data of the model; null where there is none. */
export type Scorer = (delta: Float32Array) => { score: number; projection: number } | null;

export interface FlipOptions extends EditOptions {
  readonly maxTokens?: number;
  readonly scorer?: Scorer;
}

const defaultMaxTokens = 24;

/** Makes the model give each name the label it does not give it now: before, the edit, after. */
export async function flip(
  rome: Rome,
  names: readonly string[],
  contest: Contest,
  options: FlipOptions = {},
): Promise<FlipResult[]> {
  const { signal, maxTokens = defaultMaxTokens } = options;
  const started = performance.now();
  const prompts = names.map((name) => fill(contest.prompt, name));
  const before = await ask(
    rome.model,
    prompts.map((prompt) => ({ prompt })),
    contest.targets,
    { maxTokens, signal },
  );
  const directions = before.map(({ probability }) => directionFrom(probability, contest.targets));
  const requests = names.map((subject, i) => ({
    subject,
    template: contest.prompt,
    target: directions[i]?.to.text ?? "",
  }));
  const results = await rome.edit(requests, options);
  const questions = results.map(({ edit }, i) => ({ prompt: prompts[i] as string, edits: [edit] }));
  const after = await ask(rome.model, questions, contest.targets, { maxTokens, signal });
  const seconds = (performance.now() - started) / 1000 / names.length;

  return results.map((result, i) => {
    const { from, to } = directions[i] as Direction;
    const now = after[i] as FlipResult["after"];
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
      warnings: [...result.warnings],
      score: scored?.score ?? null,
      projection: scored?.projection ?? null,
      seconds,
      edit: encodeEdit(result.edit),
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
