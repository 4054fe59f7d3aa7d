import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { readJson } from "../checkpoint/sourceFile.ts";
import { unwritable } from "../files/atomicWrite.ts";

/** Lies beside the weights and says what they were unpacked from. */
export const sourceFileName = "gguf.json";

/** Tells folders that another version of this program would make differently. */
export const unpackedFormat = 1;

const source = v.object({
  format: v.literal(unpackedFormat),
  /** Absolute path of the GGUF, and its size and time of change (milliseconds) when it was unpacked. */
  path: v.string(),
  bytes: v.number(),
  modified: v.number(),
  /** Of the whole file, hex. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** The model's name, without how it was quantised. */
  name: v.string(),
  /** The file's own word for how it was quantised, "Q4_K_M" for instance. */
  quantization: v.string(),
  /** Bits that the file spends on a weight, over all. */
  bitsPerWeight: v.number(),
});

export type UnpackedSource = v.InferOutput<typeof source>;

/** A folder of weights that were unpacked, and what from. */
export interface Unpacked {
  readonly folder: string;
  readonly source: UnpackedSource;
}

/** Whether a user's word for a model means a GGUF file. */
export function isGgufPath(model: string): boolean {
  return /\.gguf$/i.test(model.trim());
}

/** Where unpacked models lie. */
export function unpackedFolder(storage: string): string {
  return join(storage, "gguf");
}

/** What a folder's weights were unpacked from; undefined for a folder that is of another origin. */
export async function unpackedFrom(folder: string): Promise<UnpackedSource | undefined> {
  const path = join(folder, sourceFileName);
  if (!(await stat(path).catch(() => undefined))) return undefined;
  return readJson(path, "checkpoint", source);
}

/** What such a model is called wherever one is named. */
export function unpackedName({ name, quantization, bitsPerWeight }: UnpackedSource): string {
  return `${name} (unpacked from ${quantization} GGUF, ${bitsPerWeight.toFixed(1)} bits a weight)`;
}

/** Models that were unpacked into a storage. */
export async function unpackedModels(storage: string): Promise<Unpacked[]> {
  const names = await readdir(unpackedFolder(storage)).catch(() => [] as string[]);
  const found: Unpacked[] = [];
  for (const name of names.filter((other) => /^[0-9a-f]{16}$/.test(other)).sort()) {
    const folder = join(unpackedFolder(storage), name);
    const source = await unpackedFrom(folder).catch(() => undefined);
    if (source) found.push({ folder, source });
  }
  return found;
}

/** The folder that a GGUF was unpacked into, if it was and has not changed since. */
export async function findUnpacked(path: string, storage: string): Promise<Unpacked | undefined> {
  const seen = await stat(path).catch(() => undefined);
  const same = ({ source }: Unpacked) =>
    source.path === resolve(path) && source.bytes === seen?.size && source.modified === seen.mtimeMs;
  return (await unpackedModels(storage)).find(same);
}

/**
 * Removes what was unpacked from GGUFs of this path, whether there still is one or not.
 *
 * @returns what it was and the bytes that were freed; undefined where there was nothing
 * @throws RomeError ("disk")
 */
export async function removeUnpacked(
  path: string,
  storage: string,
): Promise<{ source: UnpackedSource; bytes: number } | undefined> {
  const found = (await unpackedModels(storage)).filter(({ source }) => source.path === resolve(path));
  let bytes = 0;
  for (const { folder } of found) {
    for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
    await rm(folder, { recursive: true, force: true }).catch((cause) => {
      throw unwritable(folder, cause);
    });
  }
  return found[0] && { source: found[0].source, bytes };
}
