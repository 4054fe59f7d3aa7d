/**
 * ROME's objective (Meng et al. 2022, eq. 4) of v = v₀ + δ: its graph, what is fed into it, its terms, its gradient and
 * when it is reached, as the published `compute_v` has them.
 */
import type { StepLoss } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import type { Alone } from "../architectures/architecture.ts";
import { add, exp, mul, sub } from "../graph/elementwise.ts";
import { gradient } from "../graph/gradient.ts";
import type { Tensor } from "../graph/graph.ts";
import { logSoftmax, matmul } from "../graph/layers.ts";
import { gather, pick, scatter, sum } from "../graph/shape.ts";
import { aloneName, aloneOf, blocks, type Tracer } from "../model/graphs.ts";
import type { Model } from "../model/model.ts";
import { type Outputs, reals } from "../model/session.ts";
import { norm } from "../numerics/vectors.ts";
import type { HyperParameters } from "./hyperParameters.ts";
import type { Layout } from "./layout.ts";
import type { Prepared, Rows } from "./sequences.ts";

/** Below this loss a request is done (the published value). */
const lossThreshold = 0.05;

/** A request at work: what is wanted, where its sequences lie, and where its descent stands. */
export interface Aim {
  readonly target: readonly number[];
  readonly place: Rows;
  /** ‖v₀‖. */
  readonly valueNorm: number;
  /** δ [d]. */
  readonly delta: Float32Array | Float64Array;
  /** log p of the unedited model at the KL prompt [V]; unknown before the first evaluation, which is at δ = 0. */
  readonly klBase: Float32Array | undefined;
}

/** Where a request's descent stands. */
export interface Standing {
  readonly loss: StepLoss;
  /** The loss is below the threshold: the descent ends here. */
  readonly reached: boolean;
}

export interface Evaluation extends Standing {
  /** Component of ∂loss/∂δ; NaN where it was not wanted. */
  readonly gradient: (component: number) => number;
  /** log p at the KL prompt with this δ [V], as a copy; where some aim's `klBase` was unknown. */
  readonly klNow: () => Float32Array;
}

/**
 * One evaluation of loss and gradient for the requests still at work, which `layOut` laid out, all in one pass above the
 * edit layer:
 * −log p(target), averaged over contexts and tokens, + KL(p_δ‖p₀) at the KL prompt + weight decay.
 *
 * @param goesOn whether a step will follow, so that the gradient is wanted; if not, and the pass has parts, those of the
 *   way back are not run
 * @throws RomeError "cancelled", "memory", "engine"
 */
export async function evaluate(
  model: Model,
  prepared: Prepared,
  layout: Layout,
  aims: readonly Aim[],
  h: HyperParameters,
  run: Run,
  goesOn: (standings: readonly Standing[]) => boolean = () => true,
): Promise<Evaluation[]> {
  const { layer, contexts } = prepared;
  const { width: d, vocabulary } = model.size;
  // KL and its gradient are 0 at δ = 0, where the unedited distribution is first seen; it is not asked for again.
  const known = aims.every(({ klBase }) => klBase);
  const klFactor = known ? h.kl_factor : 0;
  const delta = new Float32Array(aims.length * d);
  const klBase = new Float32Array(aims.length * vocabulary);
  for (const [i, aim] of aims.entries()) {
    delta.set(aim.delta, i * d);
    if (aim.klBase) klBase.set(aim.klBase, i * vocabulary);
  }
  const feeds = {
    ...layout.feeds,
    delta: reals(delta, aims.length, d),
    klBase: reals(klBase, aims.length, vocabulary),
    klFactor: reals(Float32Array.of(klFactor)),
  };
  const standings = ({ logProb, kl }: Outputs) =>
    logProb &&
    kl &&
    aims.map((aim, i) => {
      const start = layout.starts[i] as number;
      const told = logProb.subarray(start, start + contexts * aim.target.length);
      return standing(aim, told, known ? (kl[i] as number) : 0, contexts, h);
    });
  const computation = {
    key: `objective ${layer}`,
    trace: (tracer: Tracer) => traceObjective(tracer, layer),
    kind: "solve",
    ...(known && { outputs: ["logProb", "kl", "gradient"] }),
    enough: (made: Outputs) => {
      const found = standings(made);
      return found !== undefined && !goesOn(found);
    },
  } as const;
  const out = await model.compute(computation, feeds, run);
  return (standings(out) as Standing[]).map((found, i) => {
    const { delta, valueNorm } = aims[i] as Aim;
    const length = norm(delta);
    const pull = length > 0 ? h.v_weight_decay / (length * valueNorm ** 2) : 0;
    const slope = out.gradient?.subarray(i * d, (i + 1) * d);
    return {
      ...found,
      gradient: (j) => (slope?.[j] as number) + pull * (delta[j] as number),
      klNow: () => (out.current as Float32Array).slice(i * vocabulary, (i + 1) * vocabulary),
    };
  });
}

/** @param told log p of the target's tokens in each context, one after another [contexts · tokens] */
function standing(
  { target, delta, valueNorm }: Aim,
  told: Float32Array,
  divergence: number,
  contexts: number,
  { kl_factor, v_weight_decay }: HyperParameters,
): Standing {
  let nll = 0;
  let probability = 0;
  for (let at = 0; at < told.length; at += target.length) {
    const sum = told.subarray(at, at + target.length).reduce((total, value) => total + value, 0);
    nll -= sum / told.length;
    probability += Math.exp(sum) / contexts;
  }
  const kl = kl_factor * divergence;
  const decay = (v_weight_decay * norm(delta)) / valueNorm ** 2;
  const total = nll + kl + decay;
  return { loss: { total, nll, kl, decay, probability }, reached: total < lossThreshold };
}

/**
 * The part of the objective that needs the model, for several requests at once, from the residual stream after the edit
 * layer: layers below never run again, and of the first layer above only what δ moves.
 *
 * A row holds one sequence or several (a request in a context, or KL rows), which begin at their lookup positions. δ of
 * a sequence's request is added there to the MLP's output (`shifted`). Each asked token gives −log p(target), weighted into the
 * loss; those listed in `klAt` also give KL(q‖p) against the unedited `klBase`.
 */
export function traceObjective(tracer: Tracer, editLayer: number): void {
  const { graph, architecture, weights } = tracer;
  const { width: d, layers, vocabulary } = architecture.size;
  const before = graph.input("stream", ["tokens", d]);
  const delta = graph.input("delta", ["names", d]);
  const nameOfLookup = graph.input("nameOfLookup", ["lookups", "names"]);
  const lookup = graph.input("lookup", ["lookups"], "int64");
  const target = graph.input("target", ["asked"], "int64");
  const weight = graph.input("weight", ["asked"]);
  const klAt = graph.input("klAt", ["klRows"], "int64");
  const klBase = graph.input("klBase", ["klRows", vocabulary]);
  const klFactor = graph.input("klFactor", []);

  const moved = add(gather(before, lookup), shifted(tracer, editLayer, matmul(nameOfLookup, delta)));
  const stream = blocks(tracer, {
    x: scatter(before, lookup, moved),
    alone: aloneWith(tracer, editLayer + 1, moved, lookup),
    flatPositions: graph.input("positions", ["tokens"], "int64"),
    from: editLayer + 1,
    to: layers - 1,
    askedOnly: true,
    mlpOutput: (_layer, _key, value) => value,
  });
  graph.cut();
  const logProb = logSoftmax(architecture.head(weights, stream));
  const chosen = pick(logProb, target);
  const current = gather(logProb, klAt);
  const kl = sum(mul(exp(current), sub(current, klBase)), [1], true);
  const loss = sub(mul(klFactor, sum(kl, [0], true)), sum(mul(weight, chosen), [0], true));
  graph.output("logProb", chosen);
  graph.output("kl", kl);
  graph.output("current", current);
  // So that the way back can be left out.
  graph.cut();
  graph.output("gradient", gradient(loss, [delta])[0] as Tensor);
}

/**
 * What the block behind the edit makes of each token by itself: of those that δ moves anew, of the others as the lower
 * layers' pass left it, in the inputs that `aloneName` names.
 */
function aloneWith(tracer: Tracer, layer: number, moved: Tensor, lookup: Tensor): Alone | undefined {
  const { graph, architecture } = tracer;
  const made = layer < architecture.size.layers ? aloneOf(tracer, layer, moved) : undefined;
  if (!made) return undefined;
  const withRest = (part: keyof Alone) => {
    const rest = graph.input(aloneName(part), ["tokens", ...made[part].shape.slice(1)]);
    return scatter(rest, lookup, made[part]);
  };
  return { query: withRest("query"), key: withRest("key"), value: withRest("value"), written: withRest("written") };
}

/**
 * What adding `shift` [lookups, d] to the MLP's output adds to the stream after its block: the same, or, where the output
 * goes through a norm, the norm's difference. The output without it, at the lookup positions, is the input `value`.
 */
function shifted({ graph, architecture, weights }: Tracer, layer: number, shift: Tensor): Tensor {
  const { mlpToStream, size } = architecture;
  if (!mlpToStream) return shift;
  const value = graph.input("value", ["lookups", size.width]);
  return sub(mlpToStream(weights, layer, add(value, shift)), mlpToStream(weights, layer, value));
}
