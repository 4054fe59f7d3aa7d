import type { Concept } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import { type LayerRow, type Layers, layerRow } from "../../protocol/measurements.ts";
import { type Run, within } from "../../protocol/run.ts";
import { Pieces } from "../files/pieces.ts";
import { stepsOf } from "../files/shard.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";
import { layerRow as rowOf } from "./layerRow.ts";
import { measure } from "./measure.ts";
import { chooseSubjects } from "./subjects.ts";

export interface SweepOptions extends EditOptions {
  readonly seed?: number;
  /** Folder that keeps the row of each layer: what lies there is not made again. */
  readonly keep?: string;
}

/** Names to edit, those to take neighbours from, and what the edits are about. */
interface Swept {
  readonly names: readonly string[];
  readonly pool: readonly string[];
  readonly concept: Concept;
}

/** Where the rows of a sweep are kept. */
export async function keptRows(
  rome: Rome,
  { names, concept }: Swept,
  { keep, seed = 0, ...options }: SweepOptions,
  run: Run,
): Promise<Pieces<LayerRow> | undefined> {
  if (keep === undefined) return undefined;
  const contexts = await rome.contexts.of(options.contexts, run);
  const { prompt, targets } = concept;
  const { hyperParameters, key, covariance } = options;
  const of = { model: rome.model.checkpoint.fingerprint, prompt, targets, names, seed, contexts };
  const what = { what: "a sweep", count: rome.model.size.layers, of: { ...of, hyperParameters, key, covariance } };
  return Pieces.open(keep, what, layerRow);
}

/** The rows of these layers, which progress counts. */
export async function sweepRows(
  rome: Rome,
  swept: Swept,
  options: SweepOptions,
  chosen: readonly number[],
  run: Run,
): Promise<LayerRow[]> {
  const { names, pool, concept } = swept;
  const { seed = 0, keep, ...rest } = options;
  const pieces = await keptRows(rome, swept, options, run);
  const counted = (done: number) => ({ phase: "layers", done, total: chosen.length });
  const first = within(run, () => counted(0));
  const { subjects } = await chooseSubjects(rome, names, pool, concept, { seed }, first);
  const before = await measure(rome, subjects, concept, { generate: false }, first);
  const rows: LayerRow[] = [];
  for (const [i, layer] of chosen.entries()) {
    throwIfCancelled(run.signal);
    const part = within(run, () => counted(i));
    const make = async () => (await rowOf(rome, subjects, concept, { ...rest, layer, before }, part)).row;
    rows.push(await (pieces?.get(layer, make) ?? make()));
    run.progress(counted(i + 1));
  }
  return rows;
}

/** The same edits made at every layer: what each costs, what it reaches, and what else it changes. */
export async function sweepLayers(
  rome: Rome,
  name: string,
  swept: Swept,
  options: SweepOptions,
  run: Run,
): Promise<Layers> {
  const started = performance.now();
  const { model } = rome;
  const rows = await sweepRows(rome, swept, options, stepsOf(undefined, model.size.layers), run);
  const layers = {
    model: { name, fingerprint: model.checkpoint.fingerprint },
    prompt: swept.concept.prompt,
    editLayer: rome.hyperParameters.layers[0] as number,
    names: [...swept.names],
    key: options.key ?? "rome",
    contexts: (await rome.contexts.of(options.contexts, run)).length,
    rows,
    seconds: (performance.now() - started) / 1000,
  };
  await (await keptRows(rome, swept, options, run))?.finish(layers);
  return layers;
}
