import type { Findings, Known, TracedLayers, Trial } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { within } from "../../protocol/run.ts";
import { fixed, percent } from "../../text/numbers.ts";
import { optimiserOf } from "../rome/hyperParameters.ts";
import type { Scene } from "./scene.ts";
import { findTrace, tracedPeak } from "./traced.ts";
import { isHealthy, type Setting, Trials, tolerance } from "./trials.ts";

/** Names edited at each layer, first everywhere, then around the best. */
export const coarseNames = 4;
export const fineNames = 6;
/** Layers of the first pass, spread over the model, and how far the second goes to each side. */
export const coarseLayers = 6;
const nearby = 2;

/** Layers of the first pass: spread evenly, the one that it would have unprepared, and where the trace peaks. */
export function spreadLayers(layers: number, further: readonly (number | undefined)[]): number[] {
  const spread = Array.from({ length: coarseLayers }, (_, i) => Math.floor(((i + 0.5) * layers) / coarseLayers));
  const chosen = new Set([...spread, ...further].filter((layer) => layer !== undefined));
  return [...chosen].sort((a, b) => a - b);
}

/** Layers of the second pass. */
export function layersAround(layer: number, layers: number): number[] {
  const around = Array.from({ length: 2 * nearby + 1 }, (_, i) => layer - nearby + i);
  return around.filter((each) => each >= 0 && each < layers);
}

/**
 * Of trials at several layers: of those whose score is as good as the best and that leave unrelated text alone, the one
 * where the trace finds most of what the model says; where it tells none apart, the one with the lowest loss.
 */
export function bestLayer(trials: readonly Trial[], trace: TracedLayers | undefined): Trial {
  const healthy = trials.filter(isHealthy);
  const among = healthy.length > 0 ? healthy : trials;
  const best = Math.max(...among.map(({ score }) => score));
  const tells = tracedPeak(trace) !== undefined;
  const effect = ({ row }: Trial) => (tells ? (trace?.effect[row.layer] ?? 0) : 0);
  return among
    .filter(({ score }) => score >= best - tolerance)
    .reduce((a, b) => (effect(b) > effect(a) || (effect(b) === effect(a) && b.loss < a.loss) ? b : a));
}

/** Step: a short causal trace, then edits of a few names at layers far apart, then at those around the best. */
export async function findLayer(scene: Scene, known: Known["names"], run: Run): Promise<Trial> {
  const { rome, base, kept } = scene;
  const { layers } = rome.model.size;
  const trials = new Trials(scene, known);
  const optimiser = optimiserOf(base);
  const told = { phase: "layers", done: 0, total: 1 + coarseLayers + 2 + 2 * nearby };
  if (!kept.findings.trace) {
    run.progress({ ...told });
    const tracing = within(run, () => ({ ...told }));
    await kept.keep({ trace: await findTrace(scene, known, tracing) });
  }
  told.done++;
  const pass = async (chosen: readonly number[], setting: Pick<Setting, "pass" | "count">) => {
    const made: Trial[] = [];
    for (const layer of chosen) {
      made.push(await trials.counted({ ...setting, layer, optimiser, covariance: "none" }, told, run));
    }
    return bestLayer(made, kept.findings.trace);
  };
  const first = spreadLayers(layers, [base.layers[0], tracedPeak(kept.findings.trace)]);
  told.total = 1 + first.length + 2 * nearby + 1;
  const coarse = await pass(first, { pass: "coarse", count: coarseNames });
  return pass(layersAround(coarse.row.layer, layers), { pass: "fine", count: fineNames });
}

/** Why this layer, in a sentence. */
export function layerReason({ trials, trace }: Findings, layer: number, before: number): string {
  const fine = trials.filter(({ pass }) => pass === "fine");
  const chosen = fine.find(({ row }) => row.layer === layer);
  if (!chosen) return `Layer ${layer} as before: the layers were not compared.`;
  const best = Math.max(...fine.map(({ score }) => score));
  const peak = tracedPeak(trace);
  return [
    `Of the layers that score ${fixed(Math.max(0, best - tolerance), 2)} or more (S of success, other words and other names) layer ${layer}`,
    trace && peak !== undefined
      ? `is where a causal trace of ${trace.names.join(" and ")} finds most: ${percent(trace.effect[layer] ?? 0)} come back, ${percent(trace.effect[peak] ?? 0)} at its peak, layer ${peak}.`
      : `ends with the lowest loss, ${fixed(chosen.loss, 3)}.`,
    ...(layer === before ? [] : [`Without preparation it was layer ${before}.`]),
  ].join(" ");
}
