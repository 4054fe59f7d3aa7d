import type { Target } from "../../protocol/concept.ts";
import type { EditEntry, Health, HealthLimits, Proof } from "../../protocol/editEntry.ts";
import type { Run } from "../../protocol/run.ts";
import { contextSeed } from "../rome/contextStore.ts";
import { optimiserOf } from "../rome/hyperParameters.ts";
import { ask } from "../rome/outcomes.ts";
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

/** Before and after an edit: the completion, and the probability of the label that it writes. */
export type Sides = Pick<EditEntry, "before" | "after"> & { readonly label: string };

/** An edit as it was judged: here its health is always known. */
export interface Examined {
  readonly entry: EditEntry & { readonly health: Health };
  readonly proof: Proof;
}

/**
 * Takes edits off again and looks at what is left: what a file keeps of each, its health, and the proof.
 *
 * @param targets those that `sides` were asked with
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
  const prompts = results.map(({ request }) => ({ prompt: fill(request.template, request.subject) }));
  const removed = await ask(rome.model, prompts, targets, { maxTokens: 0 }, run);
  const proofs = await proveUntouched(
    rome.model,
    layer,
    sides.map(({ label, before, after }, i) => ({
      before: before.probability,
      with: after.probability,
      removed: removed[i]?.probability[label] as number,
    })),
    run,
  );
  const made = await provenance(rome, options, run);
  return results.map((result, i) => {
    const { request, edit, losses, deltaNorm, valueNorm, covarianceTokens } = result;
    const { before, after } = sides[i] as Sides;
    const health = judge(result, { kl: drifts[i] as number, prompts: drift.prompts.length }, options);
    const entry = {
      name: request.subject,
      ...request,
      layer: edit.layer,
      method: "rome" as const,
      ...made,
      before,
      after,
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
