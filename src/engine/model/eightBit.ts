/**
 * A copy of a model's weights in blocks of 8-bit numbers, to draft completions with: a token costs the reading of a
 * quarter of float's bytes, and no casts. Made once, a part of the model at a time, and mapped from then on.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { onnx } from "onnx-proto";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { cacheOf } from "../checkpoint/fingerprint.ts";
import { SourceFile } from "../checkpoint/sourceFile.ts";
import { decodeNumbers } from "../checkpoint/storedNumbers.ts";
import { bytesPerElement, type WeightLocation } from "../checkpoint/tensor.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { requireSpace } from "../files/diskSpace.ts";
import { makeFolder } from "../files/makeFolder.ts";
import type { Graph } from "../graph/graph.ts";
import type { WeightLayout } from "../graph/types.ts";
import { type BlockPlan, blockSize } from "../graph/weights.ts";
import { runtimeVersions } from "../runtime/onnxruntime.ts";
import { createInner, type SessionOptions } from "./session.ts";

/** The weights of one part, in the order in which they lie in its file: each the values, then the scales. */
interface Plan {
  readonly weight: WeightLocation;
  readonly layout: WeightLayout;
  readonly part: number;
  readonly offset: number;
}

/** Bytes on disk of a weight: as it is, and once more in the order in which the processor takes it. */
const bytesPerWeight = 2.4;
/** Elements of a weight that are in memory at once. */
const bandElements = 2 ** 22;
/** Tells the copies that another version of this file would make differently. */
const format = 2;

/** Where a model's copy lies. It holds weights as this processor and this runtime want them, and serves no other. */
export function eightBitFolder(storage: string, fingerprint: string): string {
  const machine = [format, process.platform, process.arch, cpus()[0]?.model, runtimeVersions().onnxruntime];
  const key = createHash("sha256").update(JSON.stringify(machine)).digest("hex").slice(0, 8);
  return join(cacheOf(storage, fingerprint), `8-bit-${key}`);
}

/** Whether the copy in a folder is whole. */
export async function hasEightBit(folder: string): Promise<boolean> {
  return stat(join(folder, "complete")).then(
    () => true,
    () => false,
  );
}

/** What a copy of these weights takes on disk. */
export function eightBitBytes(weights: Iterable<WeightLocation>): number {
  const matrices = [...weights].filter(({ shape }) => shape.length === 2);
  return Math.ceil(bytesPerWeight * matrices.reduce((sum, { shape }) => sum + (shape[0] ?? 0) * (shape[1] ?? 0), 0));
}

/** Lays the blocks of a graph's weights out, a file a part; `plans` says afterwards what belongs into each. */
export function blockPlan(folder: string): { plan: BlockPlan; plans: Plan[] } {
  const plans: Plan[] = [];
  const ends = new Map<number, number>();
  const plan: BlockPlan = (weight, layout, part) => {
    const offset = ends.get(part) ?? 0;
    const [values, scales] = sizes(weight, layout);
    const file = rawFile(folder, part);
    plans.push({ weight, layout, part, offset });
    ends.set(part, aligned(offset + values + scales));
    return {
      values: { file, offset, length: values },
      scales: { file, offset: offset + values, length: scales },
    };
  };
  return { plan, plans };
}

/** Path of a part of the copy. */
export function partModel(folder: string, part: number): string {
  return join(folder, `part-${part}`, "model.onnx");
}

function rawFile(folder: string, part: number): string {
  return join(folder, `part-${part}.raw`);
}

/** onnxruntime maps external data from multiples of the system's page only. */
function aligned(offset: number): number {
  return Math.ceil(offset / 65536) * 65536;
}

function matrixSize({ shape }: WeightLocation, layout: WeightLayout): { out: number; inner: number; blocks: number } {
  const [out, inner] = (layout === "outIn" ? shape : shape.toReversed()) as [number, number];
  return { out, inner, blocks: Math.ceil(inner / blockSize) };
}

function sizes(weight: WeightLocation, layout: WeightLayout): [number, number] {
  const { out, blocks } = matrixSize(weight, layout);
  return [out * blocks * blockSize, 4 * out * blocks];
}

/**
 * Makes the copy that `graph`, traced with `blockPlan(folder)`, runs on; parts that are there already are kept, and
 * parts are what progress counts.
 *
 * @throws RomeError "disk" where it does not fit or cannot be written, "cancelled"
 */
export async function makeEightBit(
  folder: string,
  graph: Graph,
  plans: readonly Plan[],
  options: SessionOptions,
  { signal, progress }: Run,
): Promise<void> {
  try {
    await makeFolder(folder);
    const there = new Set(await readdir(folder));
    const missing = plans.filter(({ part }) => !there.has(`part-${part}`));
    const advice = "Completions do without it; free some space to make it.";
    await requireSpace(folder, eightBitBytes(missing.map(({ weight }) => weight)), "The 8-bit copy takes", advice);
    const parts = graph.parts();
    for (const [part, { bytes }] of parts.entries()) {
      throwIfCancelled(signal);
      progress({ phase: "quantize", done: part, total: parts.length });
      if (there.has(`part-${part}`)) continue;
      const raw = rawFile(folder, part);
      const unfinished = join(folder, `part-${part}.tmp`);
      try {
        await rm(unfinished, { recursive: true, force: true });
        await mkdir(unfinished);
        await writeBlocks(
          raw,
          plans.filter((plan) => plan.part === part),
          signal,
        );
        const store = { model: join(unfinished, "model.onnx"), weights: "unaligned.bin" };
        await (await createInner(bytes, options, store)).release();
        await align(unfinished, store.weights, "weights.bin");
        await rename(unfinished, join(folder, `part-${part}`));
      } finally {
        await rm(raw, { force: true });
        await rm(unfinished, { recursive: true, force: true });
      }
    }
    await writeAtomically(join(folder, "complete"), []);
    progress({ phase: "quantize", done: parts.length, total: parts.length });
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? unwritable(folder, error) : error;
  }
}

async function writeBlocks(path: string, plans: readonly Plan[], signal: AbortSignal): Promise<void> {
  const file = await open(path, "w");
  try {
    for (const { weight, layout, offset } of plans) {
      const { out, inner, blocks } = matrixSize(weight, layout);
      const [valueBytes] = sizes(weight, layout);
      const band = Math.max(1, Math.floor(bandElements / inner));
      for (let from = 0; from < out; from += band) {
        throwIfCancelled(signal);
        const count = Math.min(band, out - from);
        const { values, scales } = toBlocks(await outputRows(weight, layout, from, count), inner);
        await file.write(values, 0, values.length, offset + from * blocks * blockSize);
        const bytes = new Uint8Array(scales.buffer);
        await file.write(bytes, 0, bytes.length, offset + valueBytes + 4 * from * blocks);
      }
    }
  } finally {
    await file.close();
  }
}

/**
 * Moves what a stored model refers to onto aligned places of another file. onnxruntime writes one after the other, but
 * its 8-bit products want their weights aligned as they were in memory, and give wrong numbers where they are not.
 */
async function align(folder: string, from: string, to: string): Promise<void> {
  const path = join(folder, "model.onnx");
  const model = onnx.ModelProto.decode(await readFile(path));
  const [source, target] = await Promise.all([open(join(folder, from), "r"), open(join(folder, to), "w")]);
  let end = 0;
  const move = async (offset: number, length: number): Promise<number> => {
    const place = aligned(end);
    for (let done = 0; done < length; ) {
      const bytes = Buffer.allocUnsafe(Math.min(2 ** 24, length - done));
      const { bytesRead } = await source.read(bytes, 0, bytes.length, offset + done);
      if (bytesRead === 0) throw new RomeError("disk", `${folder} was not written whole. Make the copy again.`);
      await target.write(bytes, 0, bytesRead, place + done);
      done += bytesRead;
    }
    end = place + length;
    return place;
  };
  try {
    for (const { externalData } of model.graph?.initializer ?? []) {
      const entries = new Map((externalData ?? []).map((entry) => [entry.key, entry]));
      const [location, offset, length] = ["location", "offset", "length"].map((key) => entries.get(key));
      if (!location || !offset || !length) continue;
      location.value = to;
      offset.value = String(await move(Number(offset.value), Number(length.value)));
      for (const [key, entry] of entries)
        if (key?.startsWith("prepacked_")) entry.value = await movePrepacked(entry.value ?? "", move);
    }
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
  await writeFile(path, onnx.ModelProto.encode(model).finish());
  await rm(join(folder, from));
}

/** "name|offset;length;size;size|…" of each piece of packed weights. */
async function movePrepacked(text: string, move: (offset: number, length: number) => Promise<number>): Promise<string> {
  const pieces: string[] = [];
  for (const piece of text.split("|").slice(1)) {
    const [offset, length, ...sizes] = piece.split(";");
    pieces.push([await move(Number(offset), Number(length)), length, ...sizes].join(";"));
  }
  return [text.split("|")[0], ...pieces].join("|");
}

/** Rows of the weight as a Linear's: [count, in], whatever the layout. */
async function outputRows(weight: WeightLocation, layout: WeightLayout, from: number, count: number) {
  const { file, type, offset, length, shape } = weight;
  const { out, inner } = matrixSize(weight, layout);
  const element = bytesPerElement[type];
  return SourceFile.use(file, "checkpoint", async (source) => {
    if (layout === "outIn")
      return decodeNumbers(await source.read(offset + from * inner * element, count * inner * element), type);
    const rows = new Float32Array(count * inner);
    const whole = decodeNumbers(await source.read(offset, length), type);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < (shape[0] as number); j++) rows[i * inner + j] = whole[j * out + from + i] as number;
    return rows;
  });
}

/**
 * Rows of `inner` numbers as blocks: the largest of a block becomes ±127, zero is 128. A row's last block is filled up
 * with zeros.
 */
export function toBlocks(rows: Float32Array, inner: number): { values: Uint8Array; scales: Float32Array } {
  const blocks = Math.ceil(inner / blockSize);
  const count = rows.length / inner;
  const values = new Uint8Array(count * blocks * blockSize).fill(128);
  const scales = new Float32Array(count * blocks);
  for (let row = 0, block = 0; row < count; row++)
    for (let start = 0; start < inner; start += blockSize, block++) {
      const [first, length] = [row * inner + start, Math.min(blockSize, inner - start)];
      let most = 0;
      for (let i = first; i < first + length; i++) {
        const size = Math.abs(rows[i] as number);
        if (size > most) most = size;
      }
      const scale = most / 127;
      scales[block] = scale;
      if (scale === 0) continue;
      const to = block * blockSize;
      // Adding a half and cutting off rounds what is positive, at half the price of Math.round.
      for (let i = 0; i < length; i++) values[to + i] = (rows[first + i] as number) / scale + 128.5;
    }
  return { values, scales };
}
