import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { readJson, SourceFile } from "../checkpoint/sourceFile.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { type LockOptions, lock } from "../files/lock.ts";
import { hashOf } from "./fileHash.ts";

/** Lies beside the weights and says what they were unpacked from. */
export const sourceFileName = "gguf.json";

/** Tells folders that another version of this program would make differently. */
export const unpackedFormat = 1;

/** Behind the name of a folder that is not all there yet. */
export const unfinishedSuffix = ".partial";

/** Absolute path of a file, and its time of change (milliseconds). */
const place = { path: v.string(), modified: v.number() };
type Place = v.InferOutput<v.ObjectSchema<typeof place, undefined>>;

const source = v.object({
  format: v.literal(unpackedFormat),
  /** Where the GGUF lay when it was unpacked. */
  ...place,
  /** Where the same contents were met since. */
  copies: v.optional(v.array(v.object(place)), []),
  bytes: v.number(),
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
export function unpackedModels(storage: string): Promise<Unpacked[]> {
  return modelsIn(storage, "");
}

/** Those whose unpacking was interrupted, or goes on. */
export function unfinishedModels(storage: string): Promise<Unpacked[]> {
  return modelsIn(storage, unfinishedSuffix);
}

async function modelsIn(storage: string, suffix: string): Promise<Unpacked[]> {
  const names = await readdir(unpackedFolder(storage)).catch(() => [] as string[]);
  const found: Unpacked[] = [];
  const isOne = (name: string) => name.endsWith(suffix) && /^[0-9a-f]{16}$/.test(name.replace(suffix, ""));
  for (const name of names.filter(isOne).sort()) {
    const folder = join(unpackedFolder(storage), name);
    const source = await unpackedFrom(folder).catch(() => undefined);
    if (source) found.push({ folder, source });
  }
  return found;
}

/** Bytes of a model's folder, into which another process may be writing. */
export async function bytesOf({ folder }: Unpacked): Promise<number> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const seen = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return seen.reduce((sum, file) => sum + (file?.size ?? 0), 0);
}

/** Holds other processes off what is made of a GGUF of these contents. */
export function lockUnpacked(storage: string, sha256: string, options: LockOptions): Promise<() => Promise<void>> {
  return lock(join(unpackedFolder(storage), ".locks", sha256.slice(0, 16)), options);
}

/**
 * The folder that a GGUF was unpacked into: by where it lies and when it was changed, or else, for one that was copied or
 * touched, by its contents, which are read whole once.
 */
export async function findUnpacked(path: string, storage: string): Promise<Unpacked | undefined> {
  const seen = await stat(path).catch(() => undefined);
  const alike = (await unpackedModels(storage)).filter(({ source }) => source.bytes === seen?.size);
  if (!seen || alike.length === 0) return undefined;
  const here = { path: resolve(path), modified: seen.mtimeMs };
  const isHere = (other: Place) => other.path === here.path && other.modified === here.modified;
  const known = alike.find(({ source }) => placesOf(source).some(isHere));
  if (known) return known;
  const sha256 = await SourceFile.use(here.path, "checkpoint", (file) => hashOf(file));
  const found = alike.find(({ source }) => source.sha256 === sha256);
  // Where the storage cannot be written, it is read whole again the next time.
  return found && remember(found, here).catch(() => found);
}

/** Notes where the same contents lie, too. */
export async function remember({ folder, source }: Unpacked, { path, modified }: Place): Promise<Unpacked> {
  const copies = source.copies.filter((copy) => copy.path !== path);
  const next = path === source.path ? { ...source, modified } : { ...source, copies: [...copies, { path, modified }] };
  await writeAtomically(join(folder, sourceFileName), [Buffer.from(JSON.stringify(next))]);
  return { folder, source: next };
}

function placesOf(source: UnpackedSource): Place[] {
  return [source, ...source.copies];
}

/** What was unpacked from GGUFs of this path, whole or in part, whether there still is one or not. */
export async function unpackedAt(path: string, storage: string): Promise<Unpacked[]> {
  const all = [...(await unpackedModels(storage)), ...(await unfinishedModels(storage))];
  return all.filter(({ source }) => placesOf(source).some((other) => other.path === resolve(path)));
}

/**
 * Removes a model's folder.
 *
 * @returns the bytes that were freed
 * @throws RomeError ("disk"); ("data") while another process unpacks it
 */
export async function removeUnpacked(model: Unpacked, storage: string): Promise<number> {
  const release = await lockUnpacked(storage, model.source.sha256, { reason: "data" });
  try {
    const bytes = await bytesOf(model);
    await rm(model.folder, { recursive: true, force: true });
    return bytes;
  } catch (cause) {
    throw unwritable(model.folder, cause);
  } finally {
    await release();
  }
}
