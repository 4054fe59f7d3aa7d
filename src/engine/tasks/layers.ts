import type { FlipOptions } from "../../protocol/editOptions.ts";
import { type Layers, layers as schema } from "../../protocol/measurements.ts";
import type { Run } from "../../protocol/run.ts";
import { layersHtml, layersSvg } from "../evaluate/layersHtml.ts";
import { sweepLayers } from "../evaluate/sweepLayers.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { checkOutputs, json, type Outputs, type Writers } from "./outputs.ts";
import { chooseNames, editOptionsOf, type NameChoice, recordedNames } from "./request.ts";

export interface LayersParams extends FlipOptions, NameChoice, Outputs {
  readonly seed?: number;
}

/** Of the files that the command line writes once it has printed the result. */
export const layersWriters: Writers<Layers> = {
  name: "a sweep over layers",
  schema,
  formats: { ".json": json, ".html": layersHtml, ".svg": layersSvg },
};

/** The same edits made at every layer: where they succeed, and what they change beside. */
export async function layers(
  engine: Engine,
  { names, sample, seed = 0, out, concept: given = engine.concept, ...options }: LayersParams,
  run: Run,
): Promise<Layers> {
  await checkOutputs(out, layersWriters);
  const subjects = await chooseNames(engine, given, { names, sample });
  const { rome, name } = await engine.open();
  const concept = await aimed(engine, given, options.forms, run);
  const settings = { ...editOptionsOf(options), seed };
  return sweepLayers(rome, name, subjects, await recordedNames(engine, concept), concept, settings, run);
}
