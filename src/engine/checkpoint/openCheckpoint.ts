import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RomeError, throwIfCancelled } from "../run/errors.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { anyObject, damagedFile, parseJson, readJsonText, shorten, unreadable } from "./sourceFile.ts";
import { bytesPerElement, type WeightLocation, type WeightType } from "./tensor.ts";
import { type CheckpointFormat, findTensors } from "./weightFiles.ts";

/** A model's files, opened: what it is and where each weight lies. No weight has been read. */
export interface Checkpoint {
  /** Absolute path of the folder, as it was given (links not resolved). */
  readonly folder: string;
  /** config.json; which of its fields must be there is the architecture's matter. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By name in the files. Attention-mask buffers and tensors of other than weight types are left out. */
  readonly weights: ReadonlyMap<string, WeightLocation>;
  /** Tensors that were left out because no weight can have their type: name → type, e.g. "I64". */
  readonly otherTypes: ReadonlyMap<string, string>;
  readonly format: CheckpointFormat;
  /** Bytes of all weights together. */
  readonly bytes: number;
  /** Names the model: the same for the same config and weights in whatever files (see `fingerprintOf`). */
  readonly fingerprint: string;
}

/** Causal masks and frequency tables that older files carry as if they were weights. */
const buffers = /(^|\.)(attn|attention)\.(bias|masked_bias)$|\.rotary_emb\.inv_freq$/;

/**
 * Opens a Hugging Face folder: config.json and safetensors or torch weights, single or sharded, in F32, F16 or BF16.
 * Reads the files' directories and a few kilobytes a weight, in any size of checkpoint.
 *
 * @throws RomeError ("checkpoint") that names the file and the tensor for everything missing, damaged or hostile;
 * ("cancelled") once the signal is aborted
 */
export async function openCheckpoint(folder: string, { signal }: { signal?: AbortSignal } = {}): Promise<Checkpoint> {
  throwIfCancelled(signal);
  const path = resolve(folder);
  await checkFolder(path);
  const { text, config } = await readConfig(path);
  const { format, tensors } = await findTensors(path);
  const weights = new Map<string, WeightLocation>();
  const otherTypes = new Map<string, string>();
  let bytes = 0;
  for (const tensor of tensors) {
    const { name, type, length } = tensor;
    if (buffers.test(name)) continue;
    if (!isWeightType(type)) {
      otherTypes.set(name, type);
      continue;
    }
    weights.set(name, { ...tensor, type });
    bytes += length;
  }
  throwIfCancelled(signal);
  const fingerprint = await fingerprintOf(text, weights, signal);
  return { folder: path, config, weights, otherTypes, format, bytes, fingerprint };
}

/** Weights that newer and older files call differently. */
const otherNames: ReadonlyMap<string, string> = new Map([["embed_out.weight", "lm_head.weight"]]);

/**
 * The place of a weight by its full name (as a model with its output head has it), or undefined. Where a checkpoint
 * is of the base model alone, its names lack the first part ("transformer.", "model.", "gpt_neox."): also found.
 */
export function findWeight(checkpoint: Checkpoint, name: string): WeightLocation | undefined {
  const names = [name, name.replace(/^(transformer|model|gpt_neox)\./, ""), otherNames.get(name) ?? name];
  return names.map((candidate) => checkpoint.weights.get(candidate)).find(Boolean);
}

/**
 * The place of a weight that the model cannot be without.
 *
 * @throws RomeError ("checkpoint") if it is missing, of another type, or of another shape than `shape`
 */
export function requireWeight(checkpoint: Checkpoint, name: string, shape: readonly number[]): WeightLocation {
  const weight = findWeight(checkpoint, name);
  if (!weight) {
    const type = checkpoint.otherTypes.get(name);
    throw new RomeError(
      "checkpoint",
      type
        ? `${checkpoint.folder}: the weight "${name}" is stored as ${type}; only ${Object.keys(bytesPerElement).join(", ")} can be run. ` +
            "Save the model again in float32, float16 or bfloat16."
        : `${checkpoint.folder}: the weight "${name}" is missing. Its files and its config.json do not belong together, ` +
            "or the download is not complete.",
    );
  }
  if (weight.shape.length !== shape.length || weight.shape.some((size, i) => size !== shape[i])) {
    throw new RomeError(
      "checkpoint",
      `${weight.file}: the weight "${shorten(weight.name)}" has the shape [${weight.shape.join(", ")}], but config.json asks for ` +
        `[${shape.join(", ")}]. The two files do not belong together.`,
    );
  }
  return weight;
}

async function checkFolder(path: string): Promise<void> {
  const seen = await stat(path).catch((error) => {
    throw unreadable(path, "checkpoint", error);
  });
  if (!seen.isDirectory()) {
    throw new RomeError("checkpoint", `${path} is a file. Give the folder that holds config.json and the weights.`);
  }
}

async function readConfig(folder: string): Promise<{ text: string; config: Record<string, unknown> }> {
  const path = join(folder, "config.json");
  const text = await readJsonText(path, "checkpoint").catch((error) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== "ENOENT") throw error;
    throw new RomeError(
      "checkpoint",
      `${folder} has no config.json. Choose the folder of a complete Hugging Face checkpoint.`,
    );
  });
  return { text, config: parseJson(text, anyObject, (what) => damagedFile(path, "checkpoint", what)) };
}

function isWeightType(type: string): type is WeightType {
  return Object.hasOwn(bytesPerElement, type);
}
