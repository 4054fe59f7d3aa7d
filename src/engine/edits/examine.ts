import type { EditEntry, Health, HealthLimits, Proof } from "../../protocol/editEntry.ts";
import type { Run } from "../../protocol/run.ts";
import { contextSeed } from "../rome/contextStore.ts";
import { optimiserOf } from "../rome/hyperParameters.ts";
import { ask, type Target } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { EditOptions, EditResult, Rome } from "../rome/rome.ts";
import { runtimeVersions } from "../runtime/onnxruntime.ts";
import { judge } from "./health.ts";
import { proveUntouched } from "./untouched.ts";

export interface ExamineOptions extends EditOptions {
  readonly limits?: Partial<HealthLimits>;
  /** Keep edits whose health is bad. */
  readonly keepBad?: boolean;
}

/** Before and after an edit: the completion, and the probability of its target's first token. */
export type Sides = Pick<EditEntry, "before" | "after">;

/** An edit as it was judged: here its health is always known. */
export interface Examined {
  readonly entry: EditEntry & { readonly health: Health };
  readonly proof: Proof;
}

/**
 * Takes edits off again and looks at what is left: what a file keeps of each, its health, and the proof.
 *
 * @param targets those that `sides` were asked with: they decide by how many tokens each is told
 */
export async function examine(
  rome: Rome,
  results: readonly EditResult[],
  sides: readonly Sides[],
  targets: readonly Target[],
  options: ExamineOptions,
  run: Run,
): Promise<Examined[]> {
  const layer = results[0]?.edit.layer ?? 0;
  const drift = await rome.drift();
  const drifts = await drift.measure(
    results.map(({ edit }) => [edit]),
    run,
  );
  const removed = await probabilitiesOf(rome, results, targets, run);
  const proofs = await proveUntouched(
    rome.model,
    layer,
    sides.map(({ before, after }, i) => ({
      before: before.probability,
      with: after.probability,
      removed: removed[i] as number,
    })),
    run,
  );
  const made = await provenance(rome, options, run);
  return results.map((result, i) => {
    const { request, edit, losses, deltaNorm, valueNorm, covarianceTokens } = result;
    const health = judge(result, { kl: drifts[i] as number, prompts: drift.prompts.length }, options);
    const entry = {
      name: request.subject,
      ...request,
      layer: edit.layer,
      method: "rome" as const,
      ...made,
      ...(sides[i] as Sides),
      losses: losses.map(({ total }) => total),
      deltaNorm,
      valueNorm,
      denominator: edit.denominator,
      covarianceTokens,
      health,
    };
    return { entry, proof: proofs[i] as Proof };
  });
}

/** Probability of each request's target, without any edit; rows of a batch as they were before the edits. */
async function probabilitiesOf(
  rome: Rome,
  results: readonly EditResult[],
  targets: readonly Target[],
  run: Run,
): Promise<number[]> {
  const asked = targets.map(({ text }) => ({ label: text, text }));
  const questions = results.map(({ request }) => ({ prompt: fill(request.template, request.subject) }));
  const outcomes = await ask(rome.model, questions, asked, { maxTokens: 0 }, run);
  return outcomes.map(({ probability }, i) => probability[results[i]?.request.target as string] as number);
}

/** What edits with these options are made from. */
export async function provenance(
  rome: Rome,
  options: EditOptions,
  run: Run,
): Promise<Pick<EditEntry, "key" | "hyperParameters" | "contexts" | "seed" | "versions">> {
  const { hyperParameters, contexts } = await rome.basis(options, run);
  const sampled = options.contexts === undefined || typeof options.contexts === "number";
  return {
    key: options.key ?? "rome",
    hyperParameters: optimiserOf(hyperParameters),
    contexts: [...contexts],
    seed: sampled ? contextSeed : null,
    versions: runtimeVersions(),
  };
}
