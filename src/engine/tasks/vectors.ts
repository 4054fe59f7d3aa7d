import { basename, resolve } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Construction } from "../../protocol/steer.ts";
import { isVectorFile, readVectorFile } from "../experiment/vectorFile.ts";
import { norm } from "../numerics/vectors.ts";
import { comparedVector } from "../referee/taught.ts";
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

/**
 * The vector [d] of a source: a data set's made in one of the ways, a file's as it is.
 *
 * @throws RomeError "input" for a way to make a file's
 */
export async function vectorFrom(
  engine: Engine,
  { recorded, file }: Source,
  construction: Construction | undefined,
): Promise<Float32Array> {
  if (recorded) return (await vectorsOf(recorded, construction)).plus;
  if (construction !== undefined)
    throw new RomeError(
      "input",
      `${file} holds one vector, so there is no ${construction} one to choose. Leave the construction out, or name a data set.`,
    );
  return readVectorFile(file as string, (await engine.open()).rome.model.size.width);
}

/**
 * The vector [d] of a source, made sure that `scale` of it is one.
 *
 * @throws RomeError "data" for a vector of zeros or one that overflows float32, naming its file;
 *   as `vectorFrom`
 */
export async function scalableVector(
  engine: Engine,
  source: Source,
  construction: Construction | undefined,
  scale: number,
): Promise<Float32Array> {
  const vector = await vectorFrom(engine, source, construction);
  const { file, recorded, label } = source;
  const where = file ?? recorded?.folder ?? label;
  if (vector.every((value) => value === 0)) throw new RomeError("data", `${where} holds only zeros. Choose another.`);
  if (!vector.every((value) => Number.isFinite(Math.fround(scale * value))))
    throw new RomeError("data", `${scale} times ${where} holds numbers that are not finite. Choose a smaller scale.`);
  return vector;
}

const olderNames = { mean: "meanDifference", classifier: "weights" } as const;

/**
 * The vector of a data set made in one of the ways, as long as its sign vector, for either sign: `minus` is −plus, but
 * of each direction's own mean.
 *
 * @throws RomeError "data" for one that has to be solved and was not
 */
export async function vectorsOf(
  { folder, classifier: { vector } }: Pick<Recorded, "folder" | "classifier">,
  construction: Construction = "sign",
): Promise<{ plus: Float32Array; minus: Float32Array }> {
  if (construction === "sign") return { plus: vector, minus: vector.map((value) => -value) };
  const name = construction === "mean" || construction === "classifier" ? olderNames[construction] : construction;
  const { plus, minus } = await comparedVector(folder, vector.length, name);
  const length = norm(vector);
  return { plus: plus.map((value) => value * length), minus: minus.map((value) => value * length) };
}
