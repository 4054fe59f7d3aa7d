import type { Concept } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { LayerRow, Layers } from "../../protocol/measurements.ts";
import type { Rate } from "../../protocol/results.ts";
import { type Run, within } from "../../protocol/run.ts";
import { mean } from "../numerics/statistics.ts";
import { norm } from "../numerics/vectors.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";
import { type Measured, measure } from "./measure.ts";
import { chooseSubjects, requestsOf } from "./subjects.ts";

export interface SweepOptions extends EditOptions {
  readonly seed?: number;
}

/** The same edits made at every layer, which progress counts: what each costs, what it reaches, and what else it changes. */
export async function sweepLayers(
  rome: Rome,
  name: string,
  names: readonly string[],
  pool: readonly string[],
  concept: Concept,
  { seed = 0, ...options }: SweepOptions,
  run: Run,
): Promise<Layers> {
  const started = performance.now();
  const counted = (done: number) => ({ phase: "layers", done, total: rome.model.size.layers });
  const first = within(run, () => counted(0));
  const { model } = rome;
  const { subjects } = await chooseSubjects(rome, names, pool, concept, { seed }, first);
  const requests = requestsOf(subjects, concept);
  const before = await measure(rome, subjects, concept, { generate: false }, first);
  const drift = await rome.drift();
  const rows: LayerRow[] = [];
  for (const layer of model.layers) {
    throwIfCancelled(run.signal);
    const part = within(run, () => counted(layer));
    const hyperParameters = { ...options.hyperParameters, layers: [layer] };
    const results = await rome.edit(requests, { ...options, hyperParameters }, part);
    const edits = results.map(({ edit }) => edit);
    const after = await measure(rome, subjects, concept, { edits, generate: false }, part);
    const drifts = await drift.measure(
      edits.map((edit) => [edit]),
      part,
    );
    const changed = neighbourChanges(before, after);
    rows.push({
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
    });
    run.progress(counted(layer + 1));
  }
  return {
    model: { name, fingerprint: model.checkpoint.fingerprint },
    prompt: concept.prompt,
    editLayer: rome.hyperParameters.layers[0] as number,
    names: [...names],
    key: options.key ?? "rome",
    contexts: (await rome.contexts.of(options.contexts, run)).length,
    rows,
    seconds: (performance.now() - started) / 1000,
  };
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
