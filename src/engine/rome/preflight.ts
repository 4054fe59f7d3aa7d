import type { Preflight } from "../../protocol/engine.ts";
import type { Run } from "../../protocol/run.ts";
import { norm } from "../numerics/vectors.ts";
import { makeEdit } from "./edit.ts";
import { lookUp } from "./lookUp.ts";
import { locate } from "./prompt.ts";
import type { EditOptions, Rome } from "./rome.ts";

/**
 * What can be known of an edit before its descent: how the model reads the prompt, where the subject is looked up, how
 * long the targets are, and the denominator kᵀu, which depends on keys alone. One pass through the layers up to the edit.
 *
 * @throws RomeError "input" for a prompt without {} or without a subject, "cancelled"
 */
export async function preflight(
  rome: Rome,
  request: { readonly subject: string; readonly template: string; readonly targets: readonly string[] },
  options: EditOptions,
  run: Run,
): Promise<Preflight> {
  const { model } = rome;
  const { tokenizer } = model;
  const { tokens, lookup, shared } = locate(tokenizer, request.template, request.subject);
  const { layer, contexts, covariance } = await rome.basis(options, run);
  const [found] = await lookUp(model, [request], contexts, layer, run);
  const inputs = { layer, ...(found as NonNullable<typeof found>) };
  const delta = new Float32Array(model.size.width);
  const { denominator } = makeEdit({ ...inputs, value: inputs.bareValue, delta }, options.key ?? "rome", covariance);
  return {
    tokens: tokens.map((id) => tokenizer.token(id)),
    subject: [shared, lookup],
    targets: request.targets.map((target) => tokenizer.continuation(target).map((id) => tokenizer.token(id))),
    layer,
    contexts: contexts.length,
    covarianceTokens: covariance?.tokens ?? 0,
    denominatorShare: Math.abs(denominator) / norm(inputs.bareKey),
  };
}
