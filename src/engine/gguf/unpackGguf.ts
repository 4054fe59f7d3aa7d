import { open, rename, rm, stat, truncate } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { GGMLFileQuantizationType } from "@huggingface/gguf";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { architectureOf } from "../architectures/families.ts";
import { encodeSafetensorsHeader } from "../checkpoint/safetensors.ts";
import { SourceFile, shorten } from "../checkpoint/sourceFile.ts";
import { loadTokenizer } from "../checkpoint/tokenizer.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { requireSpace } from "../files/diskSpace.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { hashOf } from "./fileHash.ts";
import { type Gguf, readGguf } from "./ggufFile.ts";
import { halves } from "./halves.ts";
import { type PlannedWeight, planModel } from "./planModel.ts";
import { tokenizerFiles } from "./tokenizerFiles.ts";
import {
  lockUnpacked,
  remember,
  sourceFileName,
  type Unpacked,
  type UnpackedSource,
  unfinishedSuffix,
  unpackedFolder,
  unpackedFormat,
  unpackedFrom,
} from "./unpacked.ts";

/**
 * Unpacks a GGUF file into a Hugging Face folder of float16 weights in the program's storage: config.json,
 * model.safetensors, tokenizer.json, tokenizer_config.json, and gguf.json, which says where it is from. The folder is
 * there whole or not at all; what an interrupted call wrote is kept for the next. A file that was unpacked before, here
 * or as a copy, is not unpacked again.
 *
 * @returns the folder, and whether it was there before
 * @throws RomeError ("checkpoint", "architecture", "tokenizer") for a file that cannot be unpacked; ("disk"); ("cancelled")
 */
export async function unpackGguf(path: string, storage: string, run: Run): Promise<Unpacked & { wasThere: boolean }> {
  return SourceFile.use(resolve(path), "checkpoint", async (file) => {
    const gguf = await readGguf(file);
    const { family, weights } = await planModel(file, gguf);
    architectureOf(family.config);
    const { tokenizer, tokenizerConfig } = tokenizerFiles(gguf.metadata, family.usualPreTokenizer);
    const layout = layoutOf(weights);
    const total = file.size + layout.total;
    const report = (done: number) => run.progress({ phase: "unpack", done, total });
    const source = await describe(file, gguf, await hashOf(file, { ...run, report }));
    const folder = join(unpackedFolder(storage), source.sha256.slice(0, 16));
    const release = await lockUnpacked(storage, source.sha256, {
      wait: { ...run, phase: "wait for another process" },
    });
    try {
      const before = await unpackedFrom(folder).catch(() => undefined);
      if (before) return { ...(await remember({ folder, source: before }, source)), wasThere: true };
      const partial = folder + unfinishedSuffix;
      await makeFolder(partial);
      const json = (name: string, value: unknown) => writeAtomically(join(partial, name), [encode(value)]);
      await json("tokenizer.json", tokenizer);
      await json("tokenizer_config.json", tokenizerConfig);
      // Before the weights: a tokenizer that cannot be used is not worth a gigabyte.
      await loadTokenizer(partial);
      await json("config.json", { ...family.config, torch_dtype: "float16" });
      await json(sourceFileName, source);
      const weightsPath = join(partial, "model.safetensors");
      await writeWeights(file, weights, layout, weightsPath, { ...run, report: (done) => report(file.size + done) });
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
      return { folder, source, wasThere: false };
    } catch (error) {
      throw error instanceof Error && "syscall" in error ? unwritable(folder, error) : error;
    } finally {
      await release();
    }
  });
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

async function describe(file: SourceFile, { metadata, tensors }: Gguf, sha256: string): Promise<UnpackedSource> {
  const { mtimeMs: modified } = await file.handle.stat();
  const text = (key: string) => {
    const value = metadata.get(key);
    return typeof value === "string" && value.trim() !== "" ? shorten(value.trim()) : undefined;
  };
  const type = metadata.get("general.file_type");
  const elements = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const bytes = tensors.reduce((sum, { length }) => sum + length, 0);
  return {
    format: unpackedFormat,
    path: file.path,
    bytes: file.size,
    modified,
    copies: [],
    sha256,
    name: text("general.name") ?? basename(file.path, ".gguf"),
    quantization: (typeof type === "number" && GGMLFileQuantizationType[type]) || "unnamed",
    bitsPerWeight: (8 * bytes) / elements,
  };
}

type Report = (done: number) => void;

/** How the weights lie in their new file: its first bytes, where each ends, and its size. */
interface Layout {
  readonly header: Buffer;
  readonly ends: readonly number[];
  readonly total: number;
}

function layoutOf(weights: readonly PlannedWeight[]): Layout {
  const entries = weights.map(({ name, shape }) => {
    return { name, shape, type: "F16", length: 2 * shape.reduce((product, size) => product * size, 1) };
  });
  const { header, offsets } = encodeSafetensorsHeader(entries, { format: "pt" });
  const ends = entries.map(({ length }, i) => (offsets[i] as number) + length);
  return { header, ends, total: ends.at(-1) ?? header.length };
}

/**
 * Writes the weights in the order in which they lie in the GGUF. A file that is there already is gone on with after its
 * last whole tensor: it begins with the same header and is only ever written at its end.
 */
async function writeWeights(
  file: SourceFile,
  weights: readonly PlannedWeight[],
  { header, ends, total }: Layout,
  path: string,
  { signal, report }: { signal: AbortSignal; report: Report },
): Promise<void> {
  const written = await wholeBytes(path, header, ends);
  await requireSpace(join(path, ".."), total - written, "Unpacking the model takes", "Free some space and try again.");
  if (written === 0) await writeAtomically(path, [header]);
  else await truncate(path, written);
  const handle = await open(path, "a");
  try {
    let done = Math.max(written, header.length);
    for (const [i, weight] of weights.entries()) {
      if ((ends[i] as number) <= done) continue;
      for await (const bytes of halves(file, weight)) {
        throwIfCancelled(signal);
        await handle.appendFile(bytes);
        done += bytes.length;
        report(done);
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Bytes of an unfinished file up to the end of its last whole tensor; 0 if it is another file's. */
async function wholeBytes(path: string, header: Buffer, ends: readonly number[]): Promise<number> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size < header.length) return 0;
  const start = await SourceFile.use(path, "disk", (file) => file.read(0, header.length));
  return start.equals(header) ? (ends.findLast((end) => end <= size) ?? header.length) : 0;
}
