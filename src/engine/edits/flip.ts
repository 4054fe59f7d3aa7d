import type { Concept, Target } from "../../protocol/concept.ts";
import type { FlipResult, FlipView, Outcome, Probabilities } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { beginsWith, likelier } from "../rome/outcomes.ts";
import type { Rome } from "../rome/rome.ts";
import { editParts, type MakeOptions, makeEdits, savedOf } from "./make.ts";

/** Scores a Δv by the recorded data of the model; null where there is none. */
export type Scorer = (delta: Float32Array) => { score: number; projection: number } | null;

export interface FlipOptions extends Partial<MakeOptions> {
  readonly scorer?: Scorer;
}

/** Length of a completion where none is asked for. */
export const defaultMaxTokens = 24;

/** Makes the model give each name the label it does not give it now: before, the edit, after. */
export async function flip(
  rome: Rome,
  names: readonly string[],
  { prompt: template, targets }: Concept,
  { maxTokens = defaultMaxTokens, scorer, ...options }: FlipOptions,
  run: Run,
): Promise<FlipResult[]> {
  const started = performance.now();
  const questions = names.map((subject) => ({ subject, template }));
  const aim = ({ probability }: Outcome) => directionFrom(probability, targets).to;
  const made = await makeEdits(rome, questions, targets, aim, { ...options, maxTokens }, run);
  const seconds = (performance.now() - started) / 1000 / names.length;
  return made.map((edit, i) => {
    const { prompt, result, before, after } = edit;
    const { from, to } = directionFrom(before.probability, targets);
    const scored = scorer?.(result.delta) ?? null;
    const view: FlipView = {
      name: names[i] as string,
      prompt,
      from: from.label,
      to: to.label,
      form: to.text,
      before,
      after,
      flipped: likelier(after.probability) === to.label && (maxTokens === 0 || beginsWith(after.completion, to)),
      ...editParts(rome, edit, options),
      converged: result.converged,
      valueNorm: result.valueNorm,
      clamp: rome.parameters(options.hyperParameters).clamp_norm_factor,
      score: scored?.score ?? null,
      projection: scored?.projection ?? null,
      seconds,
      health: edit.entry.health,
    };
    return { view, saved: savedOf(edit) };
  });
}

export interface Direction {
  readonly from: Target;
  readonly to: Target;
}

/** From the label the model gives now to the other. */
export function directionFrom(probability: Probabilities, [a, b]: readonly [Target, Target]): Direction {
  return likelier({ [a.label]: probability[a.label] ?? 0, [b.label]: probability[b.label] ?? 0 }) === a.label
    ? { from: a, to: b }
    : { from: b, to: a };
}
