import type { FlipOptions } from "../../protocol/editOptions.ts";
import { type Layers, layers as schema } from "../../protocol/measurements.ts";
import type { Run } from "../../protocol/run.ts";
import { layersHtml, layersSvg } from "../evaluate/layersHtml.ts";
import { checkSweep, keptRows, sweepLayers, sweepRows } from "../evaluate/sweepLayers.ts";
import { type Shard, stepsOf } from "../files/shard.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { checkOutputs, json, type Outputs, type Part, type Writers } from "./outputs.ts";
import { chooseNames, editOptionsOf, type NameChoice, recordedNames } from "./request.ts";

export interface LayersParams extends FlipOptions, NameChoice, Outputs {
  readonly seed?: number;
  /** Folder that keeps the row of each layer: what lies there is not made again. */
  readonly keep?: string;
}

/** Of the files that the command line writes once it has printed the result. */
export const layersWriters: Writers<Layers> = {
  name: "a sweep over layers",
  schema,
  formats: { ".json": json, ".html": layersHtml, ".svg": layersSvg },
};

/** The same edits made at every layer: where they succeed, and what they change beside. */
export async function layers(engine: Engine, params: LayersParams, run: Run): Promise<Layers> {
  await checkOutputs(params.out, layersWriters);
  const { rome, name, swept, settings } = await sweepOf(engine, params, run);
  return sweepLayers(rome, name, swept, settings, run);
}

/** The same at a shard's layers alone (of none: only what all rest on), kept for whoever puts all together. */
export async function layersShard(
  engine: Engine,
  params: LayersParams & { readonly keep: string },
  shard: Shard | undefined,
  run: Run,
): Promise<Part> {
  const { rome, swept, settings } = await sweepOf(engine, params, run);
  const total = rome.model.size.layers;
  const mine = shard ? stepsOf(shard, total) : [];
  if (shard) await sweepRows(rome, swept, settings, mine, run);
  else await keptRows(rome, swept, settings, run);
  return { done: mine.length, total };
}

/**
 * Makes sure, before others are to do it, that a sweep can be made with these parameters; nothing is run on the model.
 *
 * @throws RomeError as `layers` itself
 */
export async function checkLayers(engine: Engine, params: LayersParams, run: Run): Promise<void> {
  const { rome, swept, settings } = await sweepOf(engine, params, run, { measuring: false });
  await checkSweep(rome, swept, settings, run);
}

/** @param measuring false: which forms the model writes is not measured now */
async function sweepOf(
  engine: Engine,
  { names, sample, seed = 0, keep, out, concept: given = engine.concept, ...options }: LayersParams,
  run: Run,
  { measuring = true }: { readonly measuring?: boolean } = {},
) {
  const chosen = await chooseNames(engine, given, { names, sample });
  const { rome, name } = await engine.open();
  const concept = await aimed(engine, given, options.forms, run, { measuring });
  const swept = { names: chosen, pool: await recordedNames(engine, concept), concept };
  return { rome, name, swept, settings: { ...editOptionsOf(options), seed, keep } };
}
