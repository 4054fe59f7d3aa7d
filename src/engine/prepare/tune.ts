import type { Findings, Known, Optimiser, Trial } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { fixed, rateText } from "../../text/numbers.ts";
import { fineNames } from "./layers.ts";
import type { Scene } from "./scene.ts";
import { isHealthy, share, Trials, tolerance } from "./trials.ts";

/** Evaluations, and lengths of Δv, that differ by less of themselves are equal. */
const alike = 0.1;

/**
 * What is tried of each number, one number after the other, from the best so far. While the loss does not converge: less
 * weight decay, a smaller step, more room for Δv, more steps. Once it does: a shorter Δv.
 */
const coordinates: readonly ((best: Optimiser, settled: boolean) => Partial<Optimiser>[])[] = [
  ({ v_weight_decay }, settled) =>
    settled ? [] : [0.1, 0.02].map((by) => ({ v_weight_decay: short(v_weight_decay * by) })),
  ({ v_lr }) => [0.5, 0.2].map((by) => ({ v_lr: short(v_lr * by) })),
  ({ clamp_norm_factor }, settled) =>
    (settled ? [0.75, 0.5] : [1.5]).map((by) => ({ clamp_norm_factor: short(clamp_norm_factor * by) })),
  ({ v_num_grad_steps }, settled) => (settled ? [] : [{ v_num_grad_steps: Math.ceil(1.5 * v_num_grad_steps) }]),
];
/** At most, the published numbers among them. */
export const mostTuned = 8;

const short = (value: number) => Number(value.toPrecision(2));
const settles = (trial: Trial) => share(trial.converged) === 1 && isHealthy(trial);

/**
 * Whether a trial is better than another: healthy edits first, then the score, then more losses that converge, then
 * fewer evaluations, then a shorter Δv. What is about equal does not count, so that published numbers stay.
 */
export function isBetter(a: Trial, b: Trial): boolean {
  if (isHealthy(a) !== isHealthy(b)) return isHealthy(a);
  if (Math.abs(a.score - b.score) > tolerance) return a.score > b.score;
  if (share(a.converged) !== share(b.converged)) return share(a.converged) > share(b.converged);
  const less = (x: number, y: number) => x < y * (1 - alike);
  if (less(a.row.evaluations, b.row.evaluations)) return true;
  if (less(b.row.evaluations, a.row.evaluations)) return false;
  return less(a.row.deltaToValue, b.row.deltaToValue);
}

/**
 * Step: the optimiser's numbers at the chosen layer, where the published ones do not settle it: a search along one number
 * after the other on a few names, so that every loss converges and the edits stay healthy.
 */
export async function findOptimiser(
  scene: Scene,
  known: Known["names"],
  { layer, optimiser, covariance }: { layer: number; optimiser: Optimiser; covariance: "auto" | "none" },
  run: Run,
): Promise<Trial> {
  const trials = new Trials(scene, known);
  const told = { phase: "tune", done: 0, total: mostTuned };
  const tried = (numbers: Optimiser) =>
    trials.counted({ pass: "tune", count: fineNames, layer, optimiser: numbers, covariance }, told, run);
  let best = await tried(optimiser);
  if (settles(best)) return best;
  for (const candidates of coordinates) {
    for (const change of candidates(best.optimiser, settles(best))) {
      const next = await tried({ ...best.optimiser, ...change });
      // Further the same way only while it helps.
      if (!isBetter(next, best)) break;
      best = next;
    }
  }
  return best;
}

/** Why these numbers, in a sentence. */
export function optimiserReason({ trials }: Findings, layer: number, chosen: Optimiser, before: Optimiser): string {
  const tuned = trials.filter(({ pass, row }) => pass === "tune" && row.layer === layer);
  const of = (numbers: Optimiser) =>
    tuned.find(({ optimiser }) => JSON.stringify(optimiser) === JSON.stringify(numbers));
  const [found, published] = [of(chosen), of(before)];
  if (!found || !published) return "As before: the numbers were not compared.";
  const told = ({ converged, row }: Trial) =>
    `the loss converges for ${rateText(converged)}, in ${fixed(row.evaluations)} evaluations, ‖Δv‖ ${fixed(row.deltaToValue, 2)} ‖v‖`;
  if (found === published)
    return `As without preparation: with these numbers ${told(published)}; none of ${tuned.length} choices is better.`;
  return `Of ${tuned.length} choices the best: ${told(found)}. Without preparation ${told(published)}.`;
}
