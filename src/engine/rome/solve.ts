import { throwIfCancelled } from "../../protocol/errors.ts";
import type { StepLoss } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import type { Model } from "../model/model.ts";
import { Adam } from "../numerics/adam.ts";
import { clampNorm, norm } from "../numerics/vectors.ts";
import type { HyperParameters } from "./hyperParameters.ts";
import { layOut } from "./layout.ts";
import { bareOf, type LookUp, lookUpsOf, prompted, upToLookup } from "./lookUp.ts";
import { type Evaluation, evaluate, type Standing } from "./objective.ts";
import { locate, type Request } from "./prompt.ts";
import { type Rows, runLower, type Sequence } from "./sequences.ts";

/** What the solve finds for one request: everything the edit is made from. */
export interface Solved extends LookUp {
  readonly request: Request;
  /** Δv = v* − v [d]. */
  readonly delta: Float32Array;
  /** One entry an evaluation. */
  readonly losses: readonly StepLoss[];
  /** The loss fell below the threshold before the steps ran out. */
  readonly converged: boolean;
}

export interface SolveOptions {
  readonly hyperParameters: HyperParameters;
  /** Prefix contexts: templates with one {} each, the bare "{}" usually first. */
  readonly contexts: readonly string[];
  /** Called after each evaluation with the last loss of each request. */
  readonly onStep?: (step: number, losses: readonly (StepLoss | undefined)[]) => void;
}

/**
 * Finds v* for each request by gradient descent (Meng et al. 2022, section 3.1, and the published code): all requests
 * and contexts in one batch, lower layers once, positions from the lookup on only; requests that are done leave the
 * batch. The result does not depend on which requests share a batch.
 */
export async function solve(
  model: Model,
  requests: readonly Request[],
  options: SolveOptions,
  run: Run,
): Promise<Solved[]> {
  const { hyperParameters: h, contexts } = options;
  const layer = h.layers[0] as number;
  const { prepared, rows, lookUps, targets } = await prepare(model, requests, contexts, layer, run);
  const states = rows.map((place, i) => {
    const adam = new Adam(model.size.width, h.v_lr);
    return {
      request: requests[i] as Request,
      target: targets[i] as number[],
      place,
      valueNorm: norm(lookUps[i]?.value ?? []),
      adam,
      delta: adam.delta,
      losses: [] as StepLoss[],
      klBase: undefined as Float32Array | undefined,
      converged: false,
    };
  });

  let active = states;
  let layout = layOut(model, prepared, active);
  for (let step = 1; step <= h.v_num_grad_steps && active.length > 0; step++) {
    throwIfCancelled(run.signal);
    const isLast = step === h.v_num_grad_steps;
    const goesOn = (standings: readonly Standing[]) => !isLast && standings.some(({ reached }) => !reached);
    const evaluated = await evaluate(model, prepared, layout, active, h, run, goesOn);
    for (const [i, state] of active.entries()) {
      const { loss, reached, gradient, klNow } = evaluated[i] as Evaluation;
      state.klBase ??= klNow();
      state.losses.push(loss);
      state.converged = reached;
      if (reached || isLast) continue;
      state.adam.step(gradient);
      clampNorm(state.delta, h.clamp_norm_factor * state.valueNorm);
    }
    options.onStep?.(
      step,
      states.map(({ losses }) => losses.at(-1)),
    );
    const left = active.filter(({ converged }) => !converged);
    if (left.length > 0 && left.length < active.length) layout = layOut(model, prepared, left, layout);
    active = left;
  }

  return states.map(({ request, adam, losses, converged }, i) => ({
    ...(lookUps[i] as LookUp),
    request,
    delta: Float32Array.from(adam.delta),
    losses,
    converged,
  }));
}

/** Lays the requests out and runs the layers up to the edit. */
export async function prepare(
  model: Model,
  requests: readonly Request[],
  contexts: readonly string[],
  layer: number,
  run: Run,
) {
  const targets = requests.map(({ target }) => model.tokenizer.continuation(target));
  const { sequences, rows } = lay(model, requests, targets, contexts);
  const lowered = await runLower(model, layer, sequences, run);
  const lookUps = lookUpsOf(model, lowered, rows, contexts.length);
  const prepared = { layer, contexts: contexts.length, sequences, lowered };
  return { targets, prepared, rows, lookUps };
}

/** Lays out each request's sequences one after another. */
function lay(
  model: Model,
  requests: readonly Request[],
  targets: readonly (readonly number[])[],
  contexts: readonly string[],
) {
  const { tokenizer } = model;
  const sequences: Sequence[] = [];
  const rows = requests.map((request, i): Rows => {
    const first = sequences.length;
    for (const [group, context] of contexts.entries()) {
      const located = prompted(model, request, context);
      sequences.push({ ...located, tokens: [...located.tokens, ...(targets[i] as number[]).slice(0, -1)], group });
    }
    const kl = sequences.push(upToLookup(locate(tokenizer, "{} is a", request.subject), contexts.length)) - 1;
    const bare =
      bareOf(contexts, first) ?? sequences.push(upToLookup(prompted(model, request, "{}"), contexts.length + 1)) - 1;
    return { first, kl, bare };
  });
  return { sequences, rows };
}
