import type { Target } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { dot } from "../numerics/vectors.ts";
import { batchUpdate } from "../rome/batchUpdate.ts";
import { ask } from "../rome/outcomes.ts";
import { fill, type Request } from "../rome/prompt.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";
import { type EditSet, identityOf, type SavedEdit } from "./editSet.ts";
import { provenance } from "./examine.ts";

export interface BatchOptions extends EditOptions {
  /** λ of the second moment; see `batchUpdate`. */
  readonly weight: number;
  readonly maxTokens: number;
}

/**
 * Edits of one layer written together by least squares: v* of each is solved on the model as it is, then one update
 * writes all. What the model says after is asked with the whole batch in force; health is a matter of single edits, and
 * is not judged.
 *
 * @param targets the labels whose probabilities are told; each request writes the text of one
 * @throws RomeError "input" for two requests about one subject, whose names in the file would be the same
 */
export async function makeBatch(
  rome: Rome,
  modelName: string,
  requests: readonly Request[],
  targets: readonly Target[],
  options: BatchOptions,
  run: Run,
): Promise<EditSet> {
  const { weight, maxTokens } = options;
  if (!(weight > 0)) throw new RomeError("input", `The weight must be above 0, not ${weight}.`);
  const twice = requests.find(({ subject }, i) => requests.findIndex((other) => other.subject === subject) !== i);
  if (twice) throw new RomeError("input", `${JSON.stringify(twice.subject)} is named twice. Name each once.`);
  const results = await rome.edit(requests, options, run);
  const { layer, covariance } = await rome.basis(options, run);
  const live = batchUpdate(
    results.map((result) => ({ layer, ...result })),
    covariance,
    weight,
  );
  const label = requests.map(({ target }) => targets.find(({ text }) => text === target)?.label ?? target);
  const say = async (on: boolean) => {
    const questions = requests.map(({ template, subject }) => ({
      prompt: fill(template, subject),
      edits: on ? live : [],
    }));
    const outcomes = await ask(rome.model, questions, targets, { maxTokens }, run);
    return outcomes.map(({ completion, probability }, i) => ({
      completion,
      probability: probability[label[i] as string] as number,
    }));
  };
  const [before, after] = [await say(false), await say(true)];
  const made = await provenance(rome, { ...options, key: "r-rome" }, run);
  const edits = results.map((result, i): SavedEdit => {
    const { request, delta, deltaNorm, valueNorm, losses, covarianceTokens, meanKey } = result;
    const { u, r } = live[i] as (typeof live)[number];
    const entry = {
      name: request.subject,
      ...request,
      layer,
      method: "batch" as const,
      ...made,
      before: before[i] as (typeof before)[number],
      after: after[i] as (typeof after)[number],
      losses: losses.map(({ total }) => total),
      deltaNorm,
      valueNorm,
      denominator: dot(meanKey, u),
      covarianceTokens,
      health: null,
    };
    return { entry, u, r, delta, key: meanKey };
  });
  return { model: identityOf(rome.model, modelName), edits };
}
