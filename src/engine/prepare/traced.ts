import type { Known, TracedLayers } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { traceSubjects } from "../trace/trace.ts";
import { type Scene, triedNames } from "./scene.ts";

/** Names that are traced, and draws of the noise for each. */
export const tracedNames = 2;
export const tracedSamples = 2;

/**
 * A short causal trace (Meng et al. 2022, section 2) of a few names: at which layers putting the MLP's output at the
 * name's last token back brings back most of what the model says. It tells the sweep where to look as well.
 */
export async function findTrace(
  { rome, name, concept }: Scene,
  known: Known["names"],
  run: Run,
): Promise<TracedLayers> {
  const subjects = triedNames({ names: known }, tracedNames).map((each) => each.name);
  const window = Math.max(1, Math.round(rome.model.size.layers / 4));
  const request = { template: concept.prompt, labels: concept.targets, subjects, samples: tracedSamples, window };
  const { places, mlp, clean, corrupted } = await traceSubjects(rome, name, request, run);
  const last = places.findIndex(({ role }) => role === "last");
  return { names: subjects, window, clean, corrupted, effect: [...(mlp.effect[last] ?? [])] };
}

/** The layer with the largest effect; undefined where nothing was brought back. */
export function tracedPeak(trace: TracedLayers | undefined): number | undefined {
  const effect = trace?.effect ?? [];
  const most = Math.max(0, ...effect);
  return most > 0 ? effect.indexOf(most) : undefined;
}
