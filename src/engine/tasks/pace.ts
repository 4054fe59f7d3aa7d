import type { Progress } from "../../protocol/engine.ts";
import type { Run } from "../../protocol/run.ts";
import type { ExamineOptions } from "../edits/examine.ts";
import { defaultMaxTokens } from "../edits/flip.ts";
import { type PassKind, passKinds } from "../model/passes.ts";
import type { Extent } from "../rome/batchSize.ts";
import type { Rome } from "../rome/rome.ts";

/** How many passes of each kind some work is going to take, at most. */
export type Plan = Readonly<Partial<Record<PassKind, number>>>;

interface Tally {
  /** Passes that have ended, and parts of the running one. */
  passes: number;
  partsOfRunning: number;
  /** All parts so far, and the seconds they took. */
  parts: number;
  seconds: number;
  partsAPass: number;
}

/**
 * The run of some planned work on a streamed model: its progress tells steps and layers as passes of the plan, and how
 * long they may still take; see `Pace`. What is neither a layer nor a step goes on as it is.
 *
 * @param now seconds on a steady clock
 */
export function paced(plan: Plan, run: Run, now: () => number = () => performance.now() / 1000): Run {
  const pace = new Pace(plan, now);
  return { signal: run.signal, progress: (told) => run.progress(pace.of(told)) };
}

/**
 * What remains of the plan, each kind of pass at the mean pace it had so far; a kind that has not been seen yet at the
 * slowest pace that has. A solve that converges early, or a text that ends early, takes less.
 */
class Pace {
  readonly #tallies = new Map<PassKind, Tally>();
  #last: number;
  #loss: number | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly now: () => number,
  ) {
    this.#last = now();
  }

  of(told: Progress): Progress {
    const kind = passKinds.find((known) => known === told.phase);
    const { layer, layers } = told.detail ?? {};
    if (kind && layer !== undefined && layers !== undefined) return this.#part(kind, layer, layers);
    return kind === "solve" ? this.#steps(told) : told;
  }

  /** An evaluation has ended, perhaps before its last layer, or a batch of them before its steps ran out. */
  #steps({ phase, done, total, detail }: Progress): Progress {
    const tally = this.#tallies.get("solve");
    if (tally) Object.assign(tally, { passes: done, partsOfRunning: 0 });
    this.#loss = detail?.loss;
    return { phase, done, total: this.plan.solve ?? total, detail: { ...detail, ...this.#left() } };
  }

  #part(kind: PassKind, layer: number, layers: number): Progress {
    const tally = this.#tallies.get(kind) ?? { passes: 0, partsOfRunning: 0, parts: 0, seconds: 0, partsAPass: layers };
    this.#tallies.set(kind, tally);
    const now = this.now();
    tally.seconds += now - this.#last;
    this.#last = now;
    tally.parts++;
    tally.partsAPass = layers;
    tally.partsOfRunning = layer === layers ? 0 : layer;
    if (layer === layers) tally.passes++;
    const passes = tally.passes;
    return {
      phase: kind,
      done: Math.min(passes, this.plan[kind] ?? passes),
      total: Math.max(passes, this.plan[kind] ?? 0),
      detail: {
        layer,
        layers,
        ...(kind === "solve" && this.#loss !== undefined ? { loss: this.#loss } : {}),
        ...this.#left(),
      },
    };
  }

  /** Seconds left at most; nothing before there is a pace. */
  #left(): { secondsLeft?: number } {
    const seen = [...this.#tallies.values()];
    if (seen.length === 0) return {};
    const slowest = Math.max(...seen.map(({ seconds, parts }) => seconds / parts));
    const longest = Math.max(...seen.map(({ partsAPass }) => partsAPass));
    const secondsLeft = passKinds.reduce((sum, kind) => {
      const planned = this.plan[kind] ?? 0;
      const tally = this.#tallies.get(kind);
      const partsAPass = tally?.partsAPass ?? longest;
      const parts = (planned - (tally?.passes ?? 0)) * partsAPass - (tally?.partsOfRunning ?? 0);
      return sum + Math.max(0, parts) * (tally ? tally.seconds / tally.parts : slowest);
    }, 0);
    return { secondsLeft };
  }
}

/** Passes of what comes after the completions: drift without and with the edit, and the probability without it. */
const examination = 3;
/** Passes below the edit: prefix contexts, what stands before the subject, and the rest. */
const lower = 3;

/**
 * The passes of editing so many subjects. What the edits rest on is made here where it is not there yet: sampling prefix
 * contexts takes passes of its own, and is reported as such.
 *
 * @param completions how often all names are continued, up to `maxTokens` tokens
 */
export async function planEdits(
  rome: Rome,
  requests: readonly Extent[],
  options: ExamineOptions & { readonly maxTokens?: number },
  { completions }: { readonly completions: number },
  run: Run,
): Promise<Plan> {
  const { hyperParameters, contexts, layer } = await rome.basis(options, paced({}, run));
  const batches = Math.ceil(requests.length / rome.batchSize(requests, contexts, layer));
  const { maxTokens = defaultMaxTokens } = options;
  return {
    read: lower * batches + completions + examination,
    solve: hyperParameters.v_num_grad_steps * batches,
    generate: completions * Math.max(0, maxTokens - 1),
  };
}
