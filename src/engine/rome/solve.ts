import type { StepLoss } from "../../protocol/results.ts";
import { takeRows } from "../model/cache.ts";
import type { Model } from "../model/model.ts";
import { integers, reals } from "../model/session.ts";
import { Adam, clampNorm, norm } from "../numerics/adam.ts";
import { throwIfCancelled } from "../run/errors.ts";
import type { Run } from "../run/run.ts";
import type { HyperParameters } from "./hyperParameters.ts";
import { fill, locate, type Request } from "./prompt.ts";
import { type Lowered, runLower, type Sequence } from "./sequences.ts";

/** Keys and values of a request at its lookup position, before any edit. */
export interface LookUp {
  /** v [d]: MLP output in the first context. */
  readonly value: Float32Array;
  /** k̄ [m]: mean key over the contexts. */
  readonly meanKey: Float32Array;
  /** Key [m] and value [d] of the bare prompt. */
  readonly bareKey: Float32Array;
  readonly bareValue: Float32Array;
}

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

/** Below this loss a request is done (the published value). */
const lossThreshold = 0.05;

export interface SolveOptions {
  readonly hyperParameters: HyperParameters;
  /** Prefix contexts: templates with one {} each, the bare "{}" usually first. */
  readonly contexts: readonly string[];
  /** Called after each evaluation with the last loss of each request. */
  readonly onStep?: (step: number, losses: readonly (StepLoss | undefined)[]) => void;
}

/** The rows of one request within a batch: its contexts, then its KL row, then its bare prompt. */
interface Rows {
  readonly first: number;
  readonly kl: number;
  readonly bare: number;
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
  const { sequences, rows, lowered, lookUps, targets } = await prepare(model, requests, contexts, layer, run);
  const states = rows.map((place, i) => ({
    request: requests[i] as Request,
    target: targets[i] as number[],
    place,
    valueNorm: norm(lookUps[i]?.value ?? []),
    adam: new Adam(model.size.width, h.v_lr),
    losses: [] as StepLoss[],
    klBase: undefined as Float32Array | undefined,
    converged: false,
  }));

  let active = states;
  for (let step = 1; step <= h.v_num_grad_steps && active.length > 0; step++) {
    throwIfCancelled(run.signal);
    const evaluated = await evaluate(model, layer, lowered, sequences, active, contexts.length, h.kl_factor, run);
    for (const [i, state] of active.entries()) {
      const { gradient, klNow, probability, nll, kl } = evaluated[i] as Evaluation;
      state.klBase ??= klNow;
      const { delta } = state.adam;
      const length = norm(delta);
      const decay = (h.v_weight_decay * length) / state.valueNorm ** 2;
      const total = nll + h.kl_factor * kl + decay;
      state.losses.push({ total, nll, kl: h.kl_factor * kl, decay, probability });
      state.converged = total < lossThreshold;
      if (state.converged || step === h.v_num_grad_steps) continue;
      const pull = length > 0 ? h.v_weight_decay / (length * state.valueNorm ** 2) : 0;
      state.adam.step((j) => (gradient[j] as number) + pull * (delta[j] as number));
      clampNorm(delta, h.clamp_norm_factor * state.valueNorm);
    }
    options.onStep?.(
      step,
      states.map(({ losses }) => losses.at(-1)),
    );
    active = active.filter(({ converged }) => !converged);
  }

  return states.map(({ request, adam, losses, converged }, i) => ({
    ...(lookUps[i] as LookUp),
    request,
    delta: Float32Array.from(adam.delta),
    losses,
    converged,
  }));
}

/** Keys and values of requests, for an edit whose δ is given. */
export async function lookUp(
  model: Model,
  requests: readonly Omit<Request, "target">[],
  contexts: readonly string[],
  layer: number,
  run: Run,
): Promise<LookUp[]> {
  const untargeted = requests.map((request) => ({ ...request, target: "" }));
  return (await prepare(model, untargeted, contexts, layer, run)).lookUps;
}

/** Lays the requests out and runs the layers up to the edit. */
async function prepare(
  model: Model,
  requests: readonly Request[],
  contexts: readonly string[],
  layer: number,
  run: Run,
) {
  const { width: d, inner: m } = model.size;
  const targets = requests.map(({ target }) => model.tokenizer.continuation(target));
  const { sequences, rows } = lay(model, requests, targets, contexts);
  const lowered = await runLower(model, layer, sequences, run);
  const valueAt = (row: number) => lowered.value.slice(row * d, (row + 1) * d);
  const lookUps = rows.map(
    ({ first, bare }): LookUp => ({
      value: valueAt(first),
      meanKey: meanRow(lowered.key, m, first, contexts.length),
      bareKey: lowered.key.slice(bare * m, (bare + 1) * m),
      bareValue: valueAt(bare),
    }),
  );
  return { targets, sequences, rows, lowered, lookUps };
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
    const prompt = ({ template, subject }: Request, context: string) =>
      locate(tokenizer, fill(context, template), subject);
    const first = sequences.length;
    for (const [group, context] of contexts.entries()) {
      const located = prompt(request, context);
      sequences.push({ ...located, tokens: [...located.tokens, ...(targets[i] as number[]).slice(0, -1)], group });
    }
    const kl = sequences.push({ ...locate(tokenizer, "{} is a", request.subject), group: contexts.length }) - 1;
    const bareContext = contexts.indexOf("{}");
    const bare =
      bareContext >= 0
        ? first + bareContext
        : sequences.push({ ...prompt(request, "{}"), group: contexts.length + 1 }) - 1;
    return { first, kl, bare };
  });
  return { sequences, rows };
}

interface Evaluation {
  readonly gradient: Float32Array;
  readonly klNow: Float32Array;
  readonly nll: number;
  readonly kl: number;
  readonly probability: number;
}

interface Active {
  readonly target: readonly number[];
  readonly place: Rows;
  readonly adam: Adam;
  readonly klBase: Float32Array | undefined;
}

/** One evaluation of loss and gradient for the requests still at work. */
async function evaluate(
  model: Model,
  layer: number,
  lowered: Lowered,
  sequences: readonly Sequence[],
  active: readonly Active[],
  contexts: number,
  klFactor: number,
  run: Run,
): Promise<Evaluation[]> {
  const { width: d, vocabulary } = model.size;
  const { n } = lowered;
  const perRequest = contexts + 1;
  // Of each request its context rows and its KL row, in that order; a bare row takes no part in the loss.
  const rows = active.flatMap(({ place }) => [
    ...Array.from({ length: contexts }, (_, c) => place.first + c),
    place.kl,
  ]);
  const stream = new Float32Array(rows.length * n * d);
  const present = new Uint8Array(rows.length * n);
  for (const [i, row] of rows.entries()) {
    stream.set(lowered.stream.subarray(row * n * d, (row + 1) * n * d), i * n * d);
    present.set(lowered.present.subarray(row * n, (row + 1) * n), i * n);
  }
  const value = new Float32Array(rows.length * d);
  for (const [i, row] of rows.entries()) value.set(lowered.value.subarray(row * d, (row + 1) * d), i * d);
  const select: number[] = [];
  const target: number[] = [];
  const weight: number[] = [];
  const klAt: number[] = [];
  const starts = active.map((request, i) => {
    const start = select.length;
    for (let c = 0; c < contexts; c++) {
      const row = i * perRequest + c;
      const { tokens, lookup } = sequences[request.place.first + c] as Sequence;
      const firstPredicted = tokens.length - request.target.length - lookup;
      for (const [j, id] of request.target.entries()) {
        select.push(row * n + firstPredicted + j);
        target.push(id);
        weight.push(1 / (contexts * request.target.length));
      }
    }
    klAt.push(select.length);
    select.push((i * perRequest + contexts) * n);
    target.push(0);
    weight.push(0);
    return start;
  });
  const nameOfRow = new Float32Array(rows.length * active.length);
  rows.forEach((_, row) => {
    nameOfRow[row * active.length + Math.floor(row / perRequest)] = 1;
  });
  const delta = new Float32Array(active.length * d);
  const klBase = new Float32Array(active.length * vocabulary);
  // KL and its gradient are 0 at δ = 0, where the unedited distribution is first seen.
  const knowsBase = active.every((request) => request.klBase);
  for (const [i, request] of active.entries()) {
    delta.set(request.adam.delta, i * d);
    if (request.klBase) klBase.set(request.klBase, i * vocabulary);
  }

  const out = await model.solveStep(
    layer,
    {
      ...model.sequenceFeeds(takeRows(lowered.past, rows), present, n, model.layers.slice(layer + 1)),
      stream: reals(stream, rows.length * n, d),
      ...(model.architecture.mlpToStream ? { value: reals(value, rows.length, d) } : {}),
      delta: reals(delta, active.length, d),
      nameOfRow: reals(nameOfRow, rows.length, active.length),
      lookup: integers(
        rows.map((_, row) => row * n),
        rows.length,
      ),
      select: integers(select, select.length),
      target: integers(target, target.length),
      weight: reals(Float32Array.from(weight), weight.length),
      klAt: integers(klAt, klAt.length),
      klBase: reals(klBase, active.length, vocabulary),
      klFactor: reals(Float32Array.of(knowsBase ? klFactor : 0)),
    },
    run,
  );
  const { logProb, kl, current, gradient } = out as Record<"logProb" | "kl" | "current" | "gradient", Float32Array>;
  return active.map((request, i) => {
    const tokens = request.target.length;
    let nll = 0;
    let probability = 0;
    for (let c = 0; c < contexts; c++) {
      const at = (starts[i] as number) + c * tokens;
      const sum = logProb.subarray(at, at + tokens).reduce((total, value) => total + value, 0);
      nll -= sum / (contexts * tokens);
      probability += Math.exp(sum) / contexts;
    }
    return {
      gradient: gradient.subarray(i * d, (i + 1) * d),
      klNow: current.slice(i * vocabulary, (i + 1) * vocabulary),
      nll,
      kl: knowsBase ? (kl[i] as number) : 0,
      probability,
    };
  });
}

function meanRow(matrix: Float32Array, width: number, first: number, count: number): Float32Array {
  const mean = new Float32Array(width);
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += matrix[(first + i) * width + j] as number;
    mean[j] = sum / count;
  }
  return mean;
}
