import type { Findings, Known, Trial } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { fixed, rateText } from "../../text/numbers.ts";
import { contextCount } from "../rome/hyperParameters.ts";
import { fineNames } from "./layers.ts";
import type { Scene } from "./scene.ts";
import { isHealthy, type Setting, share, Trials, tolerance } from "./trials.ts";

/** Step: the prefix contexts that edits rest on before anything is prepared: the model's own, or as many as published. */
export async function findContexts({ rome: { contexts }, base }: Scene, run: Run): Promise<string[]> {
  return (await contexts.own()) ?? contexts.sampled(base.context_template_length_params, run);
}

/** What is tried in place of so many contexts: a quarter of them, and half. */
export function fewerContexts(all: number): number[] {
  return [all / 4, all / 2].map(Math.ceil).filter((count) => count >= fewest);
}
/** With fewer, a single sampled text would decide. */
const fewest = 4;

/**
 * How many contexts edits need: the fewest with which a few names' edits do as well as with all, whose time grows with
 * their number. All, where the model's folder brings its own.
 */
export async function findContextCount(
  scene: Scene,
  known: Known["names"],
  choice: Pick<Setting, "layer" | "optimiser" | "covariance">,
  run: Run,
): Promise<number> {
  const all = contextCount(scene.base);
  const fewer = fewerContexts(all);
  if (fewer.length === 0 || (await scene.rome.contexts.own())) return all;
  const trials = new Trials(scene, known);
  const told = { phase: "contexts", done: 0, total: fewer.length + 1 };
  const tried = (contexts: number) =>
    trials.counted({ ...choice, pass: "contexts", count: fineNames, contexts }, told, run);
  const whole = await tried(all);
  for (const count of fewer) if (doesAsWell(await tried(count), whole)) return count;
  return all;
}

/** Edits with fewer contexts: as healthy, as good by their score, and no more of them without an end. */
export function doesAsWell(few: Trial, all: Trial): boolean {
  return (
    (isHealthy(few) || !isHealthy(all)) &&
    few.score >= all.score - tolerance &&
    share(few.converged) >= share(all.converged)
  );
}

/** Why so many, in a sentence. */
export function contextReason({ trials }: Findings, layer: number, chosen: number): string {
  const tried = trials.filter(({ pass, row }) => pass === "contexts" && row.layer === layer);
  const all = tried.reduce<Trial | undefined>((a, b) => (a && a.contexts > b.contexts ? a : b), undefined);
  if (!all) return `${chosen} as before: fewer were not tried.`;
  const told = ({ contexts, score, converged, row, seconds }: Trial) =>
    `with ${contexts} S is ${fixed(score, 2)}, ‖Δv‖ ${fixed(row.deltaToValue, 2)} ‖v‖, the loss converges for ${rateText(converged)}, in ${fixed(seconds)} s`;
  const list = [...tried].sort((a, b) => a.contexts - b.contexts).map(told);
  return `${chosen === all.contexts ? "All" : `${chosen} do as well as all`}: ${list.join("; ")}.`;
}
