/** ROME's objective over many requests at once, for one δ that all of them share. */
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { Adam } from "../numerics/adam.ts";
import { mean } from "../numerics/statistics.ts";
import { clampNorm, norm } from "../numerics/vectors.ts";
import type { HyperParameters } from "./hyperParameters.ts";
import { type Layout, layOut } from "./layout.ts";
import { type Aim, evaluate } from "./objective.ts";
import type { Request } from "./prompt.ts";
import type { EditOptions, Rome } from "./rome.ts";
import type { Prepared } from "./sequences.ts";
import { prepare } from "./solve.ts";

/** A request, and with which sign the shared δ is added for it. */
export interface Signed extends Request {
  readonly sign: 1 | -1;
}

/** The requests, run up to the edit layer in batches, and what the unedited model says at their KL prompts. */
export class CommonObjective {
  private constructor(
    readonly rome: Rome,
    readonly batches: readonly Batch[],
    readonly hyperParameters: HyperParameters,
    /** Mean ‖v‖ over the requests. */
    readonly valueNorm: number,
  ) {}

  static async of(rome: Rome, requests: readonly Signed[], options: EditOptions, run: Run): Promise<CommonObjective> {
    const { hyperParameters, layer, contexts } = await rome.basis(options, run);
    const extents = requests.map(({ target, ...request }) => ({ ...request, targets: [target] }));
    const size = rome.batchSize(extents, contexts, layer);
    const batches: Batch[] = [];
    for (let start = 0; start < requests.length; start += size) {
      throwIfCancelled(run.signal);
      const part = requests.slice(start, start + size);
      const { prepared, rows, lookUps, targets } = await prepare(rome.model, part, contexts, layer, run);
      const aims = part.map(({ sign }, i) => ({
        sign,
        target: targets[i] as number[],
        place: rows[i] as (typeof rows)[number],
        valueNorm: norm(lookUps[i]?.value ?? []),
        klBase: undefined as Float32Array | undefined,
      }));
      batches.push({ prepared, layout: layOut(rome.model, prepared, aims), aims });
    }
    const valueNorm = mean(batches.flatMap(({ aims }) => aims.map((aim) => aim.valueNorm)));
    return new CommonObjective(rome, batches, hyperParameters, valueNorm);
  }

  /**
   * Mean loss over the requests at ±δ, and its gradient with respect to δ [d].
   *
   * @param delta [d]; the first evaluation of all must be at 0, where the unedited model is seen
   */
  async evaluate(delta: Float64Array, run: Run): Promise<{ loss: number; gradient: Float64Array }> {
    const count = this.batches.reduce((sum, { aims }) => sum + aims.length, 0);
    const gradient = new Float64Array(delta.length);
    const negative = delta.map((x) => -x);
    let loss = 0;
    for (const { prepared, layout, aims } of this.batches) {
      throwIfCancelled(run.signal);
      const at = aims.map((aim) => ({ ...aim, delta: aim.sign > 0 ? delta : negative }));
      const evaluated = await evaluate(this.rome.model, prepared, layout, at, this.hyperParameters, run);
      for (const [i, one] of evaluated.entries()) {
        const aim = aims[i] as Batch["aims"][number];
        aim.klBase ??= one.klNow();
        loss += one.loss.total / count;
        for (let j = 0; j < gradient.length; j++)
          gradient[j] = (gradient[j] as number) + (aim.sign * one.gradient(j)) / count;
      }
    }
    return { loss, gradient };
  }

  /**
   * The δ of the least mean loss that is found: Adam's descent, its rate falling to 0, from the best of some vectors (so
   * that none of them has a smaller loss), within ROME's clamp with the mean ‖v‖.
   *
   * @param box keeps every component in [−1, 1]
   * @param from where to begin [d] each
   */
  async minimise({ box, steps, from }: Descent, run: Run): Promise<Found> {
    const { v_lr, clamp_norm_factor } = this.hyperParameters;
    const allowed = (delta: Float64Array) => {
      if (box) for (const [j, x] of delta.entries()) delta[j] = Math.max(-1, Math.min(1, x));
      else clampNorm(delta, clamp_norm_factor * this.valueNorm);
      return delta;
    };
    const adam = new Adam(this.rome.model.size.width, v_lr * startRate);
    // The unedited model is seen first.
    await this.evaluate(new Float64Array(adam.delta.length), run);
    let best = { loss: Number.POSITIVE_INFINITY, delta: Float64Array.from(adam.delta) };
    const keep = (loss: number, delta: Float64Array) => {
      if (loss < best.loss) best = { loss, delta: Float64Array.from(delta) };
    };
    const total = from.length + steps;
    for (const [done, one] of from.entries()) {
      const delta = allowed(Float64Array.from(one));
      keep((await this.evaluate(delta, run)).loss, delta);
      run.progress({ phase: "solve", done, total, detail: { step: done, loss: best.loss } });
    }
    const begun = best.loss;
    adam.delta.set(best.delta);
    for (let step = 0; step <= steps; step++) {
      const { loss, gradient } = await this.evaluate(adam.delta, run);
      keep(loss, adam.delta);
      run.progress({ phase: "solve", done: from.length + step, total, detail: { step, loss } });
      if (step === steps) break;
      adam.step((j) => gradient[j] as number, adam.rate * (1 - step / steps));
      allowed(adam.delta);
    }
    return { delta: Float32Array.from(best.delta), loss: best.loss, begun };
  }
}

/** Part of ROME's rate that the descent begins with: its own first step would be as long as many a whole Δv. */
const startRate = 0.1;

export interface Descent {
  readonly box: boolean;
  readonly steps: number;
  readonly from: readonly ArrayLike<number>[];
}

export interface Found {
  readonly delta: Float32Array;
  /** Mean loss, and the least of those it began from. */
  readonly loss: number;
  readonly begun: number;
}

interface Batch {
  readonly prepared: Prepared;
  readonly layout: Layout;
  readonly aims: (Omit<Aim, "delta" | "klBase"> & { readonly sign: 1 | -1; klBase: Aim["klBase"] })[];
}
