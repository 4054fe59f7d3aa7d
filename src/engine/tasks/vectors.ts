import { basename, resolve } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Construction } from "../../protocol/steer.ts";
import { vectorOf } from "../experiment/directions.ts";
import { isVectorFile, readVectorFile } from "../experiment/vectorFile.ts";
import type { Engine, Recorded } from "./engine.ts";

/** Where a vector is from, and the layer it is for. */
export interface Source {
  /** In a word: the concept, or the file's name. */
  readonly label: string;
  readonly layer: number;
  /** The data set, or the file. */
  readonly recorded: Recorded | undefined;
  readonly file: string | undefined;
}

/**
 * What a path names: an analysed data set of the open model or a vector's file; left out, the data set at hand.
 *
 * @throws RomeError "data" where there is none, "input" for a layer that the model does not have
 */
export async function sourceOf(
  engine: Engine,
  { from, layer }: { readonly from?: string | undefined; readonly layer?: number | undefined },
): Promise<Source> {
  const { rome } = await engine.open();
  const { layers } = rome.model.size;
  const file = from !== undefined && isVectorFile(from) ? resolve(from) : undefined;
  const recorded = file === undefined ? await engine.recorded(from) : undefined;
  const chosen = layer ?? recorded?.manifest.layer ?? (rome.hyperParameters.layers[0] as number);
  if (chosen >= layers) throw new RomeError("input", `There is no layer ${chosen}: the last one is ${layers - 1}.`);
  return { label: recorded?.manifest.concept ?? basename(file as string), layer: chosen, recorded, file };
}

/** The vector [d] of a source: a data set's made in one of the ways, a file's as it is. */
export async function vectorFrom(
  engine: Engine,
  { recorded, file }: Source,
  construction: Construction,
): Promise<Float32Array> {
  if (recorded) return vectorOf(recorded.folder, recorded.classifier, construction);
  return readVectorFile(file as string, (await engine.open()).rome.model.size.width);
}
