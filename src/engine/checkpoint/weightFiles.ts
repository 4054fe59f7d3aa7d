import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { readSafetensorsHeader } from "./safetensors.ts";
import { readJson, SourceFile, shorten, unreadable } from "./sourceFile.ts";
import type { StoredTensor } from "./tensor.ts";
import { readTorchTensors } from "./torchTensors.ts";

export type CheckpointFormat = "safetensors" | "torch";

/** A tensor of a checkpoint, and the real path of the file that holds it. */
export type FoundTensor = StoredTensor & { readonly file: string };

/** Where the Hugging Face layout puts weights, the preferred place first. */
export const weightPlaces = [
  { name: "model.safetensors", format: "safetensors", index: false },
  { name: "model.safetensors.index.json", format: "safetensors", index: true },
  { name: "pytorch_model.bin", format: "torch", index: false },
  { name: "pytorch_model.bin.index.json", format: "torch", index: true },
] as const;

const otherFormats = /\.(h5|msgpack|gguf|ggml|onnx|ot|tflite|ckpt|pth?|bin|safetensors)$/i;

/** Names of files that hold weights or list those that do, in whatever format. */
export const weightFile = new RegExp(`${otherFormats.source}|\\.index\\.json$`, "i");

const indexSchema = v.object({ weight_map: v.record(v.string(), v.string()) });

/** The tensors of a folder, and what about its files is worth telling (a sentence each). */
interface FoundTensors {
  readonly format: CheckpointFormat;
  readonly tensors: FoundTensor[];
  readonly notes: string[];
}

/**
 * Finds the weights of a Hugging Face folder and where each lies. Of a sharded checkpoint the index only says which
 * shards there are: what they hold counts. Failures are RomeErrors ("checkpoint").
 */
export async function findTensors(folder: string): Promise<FoundTensors> {
  const names = await readdir(folder).catch((error) => {
    throw unreadable(folder, "checkpoint", error);
  });
  const place = weightPlaces.find(({ name }) => names.includes(name));
  if (!place) {
    const others = names.filter((name) => otherFormats.test(name));
    throw new RomeError(
      "checkpoint",
      `${folder} has no weights: none of ${weightPlaces.map(({ name }) => name).join(", ")} is there` +
        `${others.length ? ` (only ${others.slice(0, 3).join(", ")})` : ""}. Choose the folder of a complete Hugging Face checkpoint.`,
    );
  }
  const { format, name, index } = place;
  if (!index) return { format, tensors: await readTensors(folder, name, format), notes: [] };
  return { format, ...(await readShards(folder, name, format)) };
}

async function readShards(
  folder: string,
  index: string,
  format: CheckpointFormat,
): Promise<{ tensors: FoundTensor[]; notes: string[] }> {
  const path = join(folder, index);
  const shards = await readIndex(path);
  const found = new Map<string, FoundTensor>();
  for (const [shard, names] of shards) {
    const listed = new Set(names);
    for (const tensor of await readTensors(folder, shard, format, index))
      if (listed.has(tensor.name) || !found.has(tensor.name)) found.set(tensor.name, tensor);
  }
  const absent: string[] = [];
  const elsewhere: string[] = [];
  for (const [shard, names] of shards) {
    const file = await realpath(join(folder, shard));
    for (const name of names) {
      const tensor = found.get(name);
      if (!tensor) absent.push(name);
      else if (tensor.file !== file) elsewhere.push(name);
    }
  }
  const about = (names: readonly string[], what: string) =>
    names.length === 0
      ? []
      : [
          `${path} lists "${shorten(names[0] as string)}"${names.length > 1 ? ` and ${names.length - 1} more` : ""} ${what}. What the shards hold is used.`,
        ];
  const notes = [...about(absent, "which no shard has"), ...about(elsewhere, "in a shard that does not have it")];
  return { tensors: [...found.values()], notes };
}

/** Shards that an index file lists, each with the names of its tensors. Each shard is a file of the index's folder. */
export async function readIndex(path: string): Promise<Map<string, string[]>> {
  const { weight_map: map } = await readJson(path, "checkpoint", indexSchema);
  const byShard = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(map)) {
    if (/[/\\:]/.test(shard) || ["", ".", ".."].includes(shard) || shard.includes("\0")) {
      throw new RomeError(
        "checkpoint",
        `${path} lists the file "${shorten(shard)}", which is no file in its folder. Download the checkpoint again from a source you trust.`,
      );
    }
    const names = byShard.get(shard);
    if (names) names.push(name);
    else byShard.set(shard, [name]);
  }
  return byShard;
}

/** The tensors of one file; `index` is the index that lists it, for the message when it is missing. */
async function readTensors(
  folder: string,
  name: string,
  format: CheckpointFormat,
  index?: string,
): Promise<FoundTensor[]> {
  const listed = join(folder, name);
  // In a Hub cache the files are links into blobs/; onnxruntime wants the path behind them.
  const file = await realpath(listed).catch((error) => {
    if (error.code !== "ENOENT") throw unreadable(listed, "checkpoint", error);
    const why = index ? `, though ${index} lists it` : ": it is a link to a file that is not there";
    throw new RomeError("checkpoint", `${listed} is missing${why}. Finish or repeat the download.`, { cause: error });
  });
  return SourceFile.use(file, "checkpoint", async (source) => {
    const tensors = format === "torch" ? await readTorchTensors(source) : (await readSafetensorsHeader(source)).tensors;
    return tensors.map((tensor) => ({ ...tensor, file }));
  });
}
