import type { FlipOptions } from "../../protocol/engine.ts";
import type { Layers } from "../../protocol/measurements.ts";
import { layersHtml, layersSvg } from "../evaluate/layersHtml.ts";
import { sweepLayers } from "../evaluate/sweepLayers.ts";
import type { Run } from "../run/run.ts";
import type { Engine } from "./engine.ts";
import { checkOutputs, json, type Outputs, type Writers, writeOutputs } from "./outputs.ts";
import { chooseNames, conceptOf, editOptionsOf, type NameChoice, recordedNames } from "./request.ts";

export interface LayersParams extends FlipOptions, NameChoice, Outputs {
  readonly seed?: number;
}

const writers: Writers<Layers> = { ".json": json, ".html": layersHtml, ".svg": layersSvg };

/** The same edits made at every layer: where they succeed, and what they change beside. */
export async function layers(
  engine: Engine,
  { names, sample, seed = 0, out, ...options }: LayersParams,
  { signal, progress }: Run,
): Promise<Layers> {
  checkOutputs(out, writers);
  const concept = conceptOf(engine, options);
  const subjects = await chooseNames({ names, sample }, concept);
  const { rome, name } = await engine.open();
  const swept = await sweepLayers(rome, name, subjects, await recordedNames(concept, 0), concept, {
    ...editOptionsOf(options),
    seed,
    signal,
    onLayer: (done, total) => progress({ phase: "layers", done, total }),
  });
  await writeOutputs(out, swept, writers);
  return swept;
}
