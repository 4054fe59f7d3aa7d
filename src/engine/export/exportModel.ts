import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, link, open, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { requireWeight } from "../checkpoint/openCheckpoint.ts";
import { encodeSafetensorsHeader } from "../checkpoint/safetensors.ts";
import { decodeNumbers, encodeNumbers } from "../checkpoint/storedNumbers.ts";
import { bytesPerElement, type WeightLocation } from "../checkpoint/tensor.ts";
import { weightFile } from "../checkpoint/weightFiles.ts";
import { unwritable } from "../files/atomicWrite.ts";
import { requireSpace } from "../files/diskSpace.ts";
import { lock } from "../files/lock.ts";
import type { Model } from "../model/model.ts";
import type { LiveEdit } from "../rome/edit.ts";

export interface Exported {
  readonly folder: string;
  /** Names of the matrices that are not those of the source. */
  readonly changed: readonly string[];
  /** Bytes that were written, and that are shared with the source by links; of a plan: that are to be. */
  readonly written: number;
  readonly linked: number;
}

/** Where a matrix lies, and what is added to it: Σ rows ⊗ columns. */
interface Change {
  readonly weight: WeightLocation;
  readonly terms: readonly { readonly rows: Float32Array; readonly columns: Float32Array }[];
}

/** Bytes of a matrix that are in memory at once. */
const bandBytes = 2 ** 24;
/** Smaller files are copied: a link would tie them to what a user edits by hand. */
const linkFrom = 2 ** 20;
/** Ending of the folder that an export is written in until it is whole. */
const unfinished = ".rome-export.tmp";
/** Files that an export has of its own; those of the source go by another name. */
const own = /^((?:README|edits)(?:-original)*)(\.md|\.romedit)$/;
/** What an export calls a file of the source. */
export const nameBeside = (name: string): string => name.replace(own, "$1-original$2");

/**
 * What `exportModel` is going to write; nothing is written yet.
 *
 * @throws RomeError as `exportModel` does for an `out` that it cannot make, or that does not fit
 */
export async function planExport(model: Model, edits: readonly LiveEdit[], out: string): Promise<Exported> {
  const { target, changes, linked, written } = await prepare(model, edits, out);
  return { folder: target, changed: namesOf(changes), written, linked: sizeOf(linked) };
}

/**
 * Writes a Hugging Face folder of the model with W′ = W + Σ r uᵀ in place of each edited W, in the precision the
 * checkpoint has. Files that hold an edited matrix are written anew (those of a torch checkpoint all, as safetensors); other
 * large files are hard links where the disk allows. Under a temporary name first, so that `out` is there whole or not
 * at all. Progress counts the bytes that are written; links take none.
 *
 * @throws RomeError "input" for an `out` that is not empty or within the source, and for numbers that the precision cannot
 * hold; "disk" where it does not fit or cannot be written; "cancelled"
 */
export async function exportModel(
  model: Model,
  edits: readonly LiveEdit[],
  out: string,
  { signal, progress }: Run,
): Promise<Exported> {
  const { target, changes, linked, copied, converted, written: total } = await prepare(model, edits, out);
  const temporary = `${target}${unfinished}`;
  const release = await lock(temporary);
  try {
    let written = 0;
    const report = (bytes: number) => {
      written += bytes;
      progress({ phase: "export", done: written, total });
    };
    for (const { name, path, size } of linked)
      await link(path, join(temporary, name)).catch(async () => {
        await copyFile(path, join(temporary, name));
        report(size);
      });
    for (const { name, path } of copied) await copy(path, join(temporary, name), report, signal);
    const places = new Map(copied.map(({ name, path }) => [path, name]));
    const single = "model.safetensors";
    if (converted) await converted.write(join(temporary, single), report, signal);
    for (const { weight, terms } of changes) {
      const there = converted?.locations.get(weight.name) ?? weight;
      const name = converted ? single : (places.get(weight.file) as string);
      await addTo({ ...there, file: join(temporary, name) }, terms, signal);
    }
    await rmdir(target).catch(() => undefined);
    await release();
    await rename(temporary, target);
    return { folder: target, changed: namesOf(changes), written, linked: sizeOf(linked) };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    await release();
    throwIfCancelled(signal);
    throw error instanceof Error && "syscall" in error ? unwritable(target, error) : error;
  }
}

/** Checks all that can be known before anything is written. */
async function prepare(model: Model, edits: readonly LiveEdit[], out: string) {
  if (edits.length === 0) throw new RomeError("input", "There is no edit to export.");
  const { folder, format } = model.checkpoint;
  const target = resolve(out);
  const parent = dirname(target);
  await checkTarget(target, folder);
  const changes = changesOf(model, edits);
  await clearInterrupted(parent);
  const files = await planFiles(folder, new Set(changes.map(({ weight }) => weight.file)), model, parent);
  const converted = format === "torch" ? convertedWeights(model) : undefined;
  const written = sizeOf(files.copied) + (converted?.bytes ?? 0);
  await requireSpace(parent, written, "The export takes", "Free some space, or choose another disk.");
  return { target, changes, ...files, converted, written };
}

const namesOf = (changes: readonly Change[]): string[] => changes.map(({ weight }) => weight.name);

/** What is added to each edited matrix, as it is stored. */
function changesOf({ checkpoint, architecture, size }: Model, edits: readonly LiveEdit[]): Change[] {
  return [...new Set(edits.map(({ layer }) => layer))].map((layer) => {
    const { name, layout } = architecture.editedWeight(layer);
    const shape = layout === "outIn" ? [size.width, size.inner] : [size.inner, size.width];
    const terms = edits
      .filter((edit) => edit.layer === layer)
      .map(({ u, r }) => (layout === "outIn" ? { rows: r, columns: u } : { rows: u, columns: r }));
    return { weight: requireWeight(checkpoint, name, shape), terms };
  });
}

/** Removes what exports that were killed left in a folder; one that still runs holds its lock. */
async function clearInterrupted(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.endsWith(unfinished)) continue;
    const path = join(parent, name);
    const release = await lock(path).catch(() => undefined);
    if (!release) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
    await release();
  }
}

async function checkTarget(target: string, source: string): Promise<void> {
  const there = await stat(target).catch(() => undefined);
  const isEmpty = there?.isDirectory() && (await readdir(target)).length === 0;
  if (there && !isEmpty)
    throw new RomeError("input", `${target} is there already. Export into a new folder, or remove that one first.`);
  const parent = await realpath(dirname(target)).catch((error) => {
    throw unwritable(target, error);
  });
  if (`${parent}${sep}`.startsWith(`${await realpath(source)}${sep}`))
    throw new RomeError("input", `${target} lies within the model's own folder. Export to another place.`);
}

interface PlannedFile {
  readonly name: string;
  /** Behind its links. */
  readonly path: string;
  readonly size: number;
}

/** Which files of the source are linked and which copied; weights that the source does not use are left behind. */
async function planFiles(folder: string, edited: ReadonlySet<string>, { checkpoint }: Model, parent: string) {
  const used = new Set([...checkpoint.weights.values()].map(({ file }) => file));
  const { dev } = await stat(parent);
  const [linked, copied]: PlannedFile[][] = [[], []];
  for (const name of (await readdir(folder)).sort()) {
    const path = await realpath(join(folder, name));
    const seen = await stat(path);
    const isWeight = weightFile.test(name);
    const isUsed =
      checkpoint.format === "safetensors" && (used.has(path) || (name.endsWith(".index.json") && used.size > 1));
    if (!seen.isFile() || (isWeight && !isUsed)) continue;
    const shared = seen.size >= linkFrom && seen.dev === dev && !edited.has(path);
    (shared ? linked : copied)?.push({ name: nameBeside(name), path, size: seen.size });
  }
  return { linked: linked as PlannedFile[], copied: copied as PlannedFile[] };
}

type Report = (bytes: number) => void;

async function copy(from: string, to: string, report: Report, signal: AbortSignal): Promise<void> {
  const source = createReadStream(from, { highWaterMark: bandBytes });
  source.on("data", (chunk) => report(chunk.length));
  await pipeline(source, createWriteStream(to, { flags: "wx" }), { signal });
}

/** All weights of a torch checkpoint as one safetensors file. */
function convertedWeights({ checkpoint }: Model) {
  const weights = [...checkpoint.weights.values()];
  const { header, offsets } = encodeSafetensorsHeader(weights, { format: "pt" });
  const locations = new Map(weights.map((weight, i) => [weight.name, { ...weight, offset: offsets[i] as number }]));
  const write = async (path: string, report: Report, signal: AbortSignal) => {
    const parts = async function* () {
      yield header;
      for (const { file, offset, length } of weights)
        for await (const chunk of createReadStream(file, {
          start: offset,
          end: offset + length - 1,
          highWaterMark: bandBytes,
        })) {
          report(chunk.length);
          yield chunk;
        }
    };
    await pipeline(parts, createWriteStream(path, { flags: "wx" }), { signal });
  };
  return { locations, write, bytes: header.length + sum(weights.map(({ length }) => length)) };
}

/** Adds Σ rows ⊗ columns to a matrix in its file, a band of rows at a time. */
async function addTo(weight: WeightLocation, terms: Change["terms"], signal: AbortSignal): Promise<void> {
  const { type, offset, name } = weight;
  const [height, width] = weight.shape as [number, number];
  const rowBytes = width * bytesPerElement[type];
  const band = Math.max(1, Math.floor(bandBytes / rowBytes));
  const handle = await open(weight.file, "r+");
  try {
    for (let from = 0; from < height; from += band) {
      throwIfCancelled(signal);
      const rows = Math.min(band, height - from);
      const bytes = Buffer.alloc(rows * rowBytes);
      await handle.read(bytes, 0, bytes.length, offset + from * rowBytes);
      const values = Float64Array.from(decodeNumbers(bytes, type));
      for (const term of terms)
        for (let i = 0; i < rows; i++) {
          const scale = term.rows[from + i] as number;
          for (let j = 0; j < width; j++)
            values[i * width + j] = (values[i * width + j] as number) + scale * (term.columns[j] as number);
        }
      const encoded = encodeNumbers(Float32Array.from(values), type);
      if (!decodeNumbers(encoded, type).every(Number.isFinite))
        throw new RomeError(
          "input",
          `With these edits "${name}" has numbers beyond what ${type} can hold. Export fewer edits.`,
        );
      await handle.write(encoded, 0, encoded.length, offset + from * rowBytes);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function sizeOf(files: readonly PlannedFile[]): number {
  return sum(files.map(({ size }) => size));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
