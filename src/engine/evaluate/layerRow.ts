import type { Concept } from "../../protocol/concept.ts";
import type { LayerRow } from "../../protocol/measurements.ts";
import type { Rate } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { mean } from "../numerics/statistics.ts";
import { norm } from "../numerics/vectors.ts";
import type { EditOptions, EditResult, Rome } from "../rome/rome.ts";
import { type Measured, measure, type Subject } from "./measure.ts";
import { requestsOf } from "./subjects.ts";

export interface LayerRowOptions extends EditOptions {
  readonly layer: number;
  /** What the model says of the subjects without edits. */
  readonly before: readonly Measured[];
}

/** One edit a subject at one layer: what they cost, what they reach, and what else they change. */
export async function layerRow(
  rome: Rome,
  subjects: readonly Subject[],
  concept: Concept,
  { layer, before, ...options }: LayerRowOptions,
  run: Run,
): Promise<{ row: LayerRow; results: EditResult[] }> {
  const hyperParameters = { ...options.hyperParameters, layers: [layer] };
  const results = await rome.edit(requestsOf(subjects, concept), { ...options, hyperParameters }, run);
  const edits = results.map(({ edit }) => edit);
  const after = await measure(rome, subjects, concept, { edits, generate: false }, run);
  const drift = await rome.drift();
  const drifts = await drift.measure(
    edits.map((edit) => [edit]),
    run,
  );
  const changed = neighbourChanges(before, after);
  const row = {
    layer,
    success: count(after.map(({ efficacy }) => efficacy.score === 1)),
    magnitude: mean(after.map(({ efficacy }) => efficacy.magnitude)),
    deltaNorm: mean(results.map(({ deltaNorm }) => deltaNorm)),
    valueNorm: mean(results.map(({ valueNorm }) => valueNorm)),
    deltaToValue: mean(results.map(({ deltaNorm, valueNorm }) => deltaNorm / valueNorm)),
    evaluations: mean(results.map(({ losses }) => losses.length)),
    denominator: mean(results.map(({ edit, bareKey }) => Math.abs(edit.denominator) / norm(bareKey))),
    paraphrase: count(after.flatMap(({ paraphrase }) => paraphrase.each.map(({ likelier }) => likelier))),
    damage: count(changed.map(({ flipped }) => flipped)),
    damageProbability: mean(changed.map(({ by }) => by)),
    divergence: mean(drifts),
  };
  return { row, results };
}

/** Of each neighbour: whether the edit turned its label, and |ΔP| of the label it had. */
function neighbourChanges(before: readonly Measured[], after: readonly Measured[]) {
  return after.flatMap(({ neighbourhood }, i) =>
    neighbourhood.each.map((now, j) => {
      const then = before[i]?.neighbourhood.each[j] ?? now;
      return { flipped: then.likelier !== now.likelier, by: Math.abs(then.probability - now.probability) };
    }),
  );
}

export function count(hits: readonly boolean[]): Rate {
  return { count: hits.filter(Boolean).length, total: hits.length };
}
