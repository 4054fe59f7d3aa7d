import type { Concept } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import { type LayerRow, type Layers, layerRow } from "../../protocol/measurements.ts";
import { type Run, within } from "../../protocol/run.ts";
import { Pieces } from "../files/pieces.ts";
import { stepsOf } from "../files/shard.ts";
import { locate } from "../rome/prompt.ts";
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
  const of = { ...keptOf(rome, names, concept, { ...options, seed }), targets: concept.targets, contexts };
  return Pieces.open(keep, { what: "a sweep", count: rome.model.size.layers, of }, layerRow);
}

/**
 * Refuses what a sweep would, and runs nothing on the model; contexts that it would have to sample and forms that it
 * would have to measure are not compared.
 *
 * @throws RomeError "input" for a name, prompt, contexts, covariance or parameters; "data", "disk" of `keep`
 */
export async function checkSweep(
  rome: Rome,
  { names, concept }: Pick<Swept, "names" | "concept">,
  { keep, seed = 0, ...options }: SweepOptions,
  run: Run,
): Promise<void> {
  rome.parameters(options.hyperParameters);
  for (const name of names) locate(rome.model.tokenizer, concept.prompt, name);
  const { contexts, covariance } = options;
  await rome.covariances.check(covariance, rome.hyperParameters.layers[0] as number);
  const isSampled = contexts === undefined || typeof contexts === "number";
  const given = isSampled ? {} : { contexts: await rome.contexts.of(contexts, run) };
  if (keep === undefined) return;
  const of = { ...keptOf(rome, names, concept, { ...options, seed }), ...given };
  await Pieces.check(keep, { what: "a sweep", of });
}

/** What a folder of rows is of, but for what the model decides. */
function keptOf(
  rome: Rome,
  names: readonly string[],
  { prompt }: Concept,
  { seed, hyperParameters, key, covariance }: SweepOptions,
) {
  return { model: rome.model.checkpoint.fingerprint, prompt, names, seed, hyperParameters, key, covariance };
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
