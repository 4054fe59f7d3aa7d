import type { Concept } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { LayerRow, Layers } from "../../protocol/measurements.ts";
import { type Run, within } from "../../protocol/run.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";
import { layerRow } from "./layerRow.ts";
import { measure } from "./measure.ts";
import { chooseSubjects } from "./subjects.ts";

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
  const before = await measure(rome, subjects, concept, { generate: false }, first);
  const rows: LayerRow[] = [];
  for (const layer of model.layers) {
    throwIfCancelled(run.signal);
    const part = within(run, () => counted(layer));
    const { row } = await layerRow(rome, subjects, concept, { ...options, layer, before }, part);
    rows.push(row);
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
