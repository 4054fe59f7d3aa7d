import type { Call, Progress } from "../../protocol/engine.ts";
import type { ExamineOptions } from "../edits/examine.ts";
import { defaultMaxTokens } from "../edits/flip.ts";
import { hearParts, type PartDone, type PassKind, passKinds } from "../model/passes.ts";
import type { Rome } from "../rome/rome.ts";

/** How many passes of each kind some work is going to take, at most; batches that each have their share of the solve. */
export interface Plan extends Readonly<Partial<Record<PassKind, number>>> {
  readonly batches?: number;
}

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
 * How far a request on a streamed model is, by step and layer, and how long it may still take: what remains of the
 * plan, each kind of pass at the mean pace it had so far; a kind that has not been seen yet at the slowest pace that
 * has. A solve that converges early, or a text that ends early, takes less.
 */
export class Pace {
  readonly #tallies = new Map<PassKind, Tally>();
  #last: number;
  #batch = -1;
  #loss: number | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly report: (progress: Progress) => void,
    /** Seconds on a steady clock. */
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.#last = now();
  }

  /** Does the work of a request and reports each part of it. */
  static run<T>(plan: Plan, { progress }: Pick<Call, "progress">, work: (pace: Pace) => Promise<T>): Promise<T> {
    const pace = new Pace(plan, progress);
    return hearParts(
      (part) => pace.part(part),
      () => work(pace),
    );
  }

  /** An evaluation of a batch has ended, counted from 1; reported of every model. */
  step(step: number, loss: number): void {
    const { solve: total = step } = this.plan;
    if (step === 1) this.#batch++;
    const done = this.#stepsOf(this.#batch) + step;
    const tally = this.#tallies.get("solve");
    // The batch before may have converged before its steps ran out.
    if (tally) tally.passes = done;
    this.#loss = loss;
    this.report({ phase: "solve", done, total, detail: { step, loss, ...this.#left() } });
  }

  /** Evaluations of so many batches at most. */
  #stepsOf(batches: number): number {
    const { solve = 0, batches: all = 1 } = this.plan;
    return (batches * solve) / all;
  }

  part({ kind, done, total }: PartDone): void {
    const solve = this.#tallies.get("solve");
    // Whatever comes after a solve's steps: that batch is done, perhaps before they ran out.
    if (solve && solve.partsOfRunning === 0 && kind !== "solve")
      solve.passes = Math.max(solve.passes, this.#stepsOf(this.#batch + 1));
    const tally = this.#tallies.get(kind) ?? { passes: 0, partsOfRunning: 0, parts: 0, seconds: 0, partsAPass: total };
    this.#tallies.set(kind, tally);
    const now = this.now();
    tally.seconds += now - this.#last;
    this.#last = now;
    tally.parts++;
    tally.partsAPass = total;
    tally.partsOfRunning = done === total ? 0 : done;
    if (done === total) tally.passes++;
    const passes = tally.passes;
    this.report({
      phase: kind,
      done: Math.min(passes, this.plan[kind] ?? passes),
      total: Math.max(passes, this.plan[kind] ?? 0),
      detail: {
        layer: done,
        layers: total,
        ...(kind === "solve" && this.#loss !== undefined ? { loss: this.#loss } : {}),
        ...this.#left(),
      },
    });
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
 * The passes of editing so many names. What the edits rest on is made here where it is not there yet: sampling prefix
 * contexts takes passes of its own, and is reported as such.
 *
 * @param completions how often all names are continued, up to `maxTokens` tokens
 */
export async function planEdits(
  rome: Rome,
  names: number,
  options: ExamineOptions & { readonly maxTokens?: number },
  call: Pick<Call, "progress">,
  { completions }: { completions: number },
): Promise<Plan> {
  const { hyperParameters, contexts, layer } = await Pace.run({}, call, () => rome.basis(options));
  const batches = Math.ceil(names / rome.batchSize(contexts.length, layer));
  const { maxTokens = defaultMaxTokens } = options;
  return {
    read: lower * batches + completions + examination,
    solve: hyperParameters.v_num_grad_steps * batches,
    generate: completions * Math.max(0, maxTokens - 1),
    batches,
  };
}
