import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { anyObject, damagedFile, parseJson, readJsonText, SourceFile, shorten, unreadable } from "./sourceFile.ts";
import { bytesPerElement, type WeightLocation, type WeightType } from "./tensor.ts";
import { type CheckpointFormat, findTensors } from "./weightFiles.ts";
import { byPlainName, hintAt, lookUp, separateHead } from "./weightNames.ts";

/** A model's files, opened: what it is and where each weight lies. No weight has been read. */
export interface Checkpoint {
  /** Absolute path of the folder, as it was given (links not resolved). */
  readonly folder: string;
  /** config.json; which of its fields must be there is the architecture's matter. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By name in the files. Attention-mask buffers and tensors of other than weight types are left out. */
  readonly weights: ReadonlyMap<string, WeightLocation>;
  /** The same by their names without what training wrappers put around the model. */
  readonly plain: ReadonlyMap<string, WeightLocation>;
  /** Tensors that were left out because no weight can have their type: name → type, e.g. "I64". */
  readonly otherTypes: ReadonlyMap<string, string>;
  readonly format: CheckpointFormat;
  /** Bytes of all weights together. */
  readonly bytes: number;
  /** Names the model: the same for the same config and weights in whatever files (see `fingerprintOf`). */
  readonly fingerprint: string;
  /** What in the files is not as it should be, but can be run: a sentence each, for the user. */
  readonly notes: readonly string[];
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
  const { format, tensors, notes } = await findTensors(path);
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
  const plain = byPlainName(weights);
  const untied = await headOfItsOwn(path, config, plain);
  if (untied) notes.push(...untied.notes);
  return {
    folder: path,
    config: untied ? { ...config, tie_word_embeddings: false } : config,
    weights,
    plain,
    otherTypes,
    format,
    bytes,
    fingerprint,
    notes,
  };
}

/**
 * Where config.json ties the head to the embedding, but both are stored, both are used, as transformers does: were they
 * one matrix, it would change nothing. Some of their bytes tell whether there is anything to say.
 */
async function headOfItsOwn(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  plain: ReadonlyMap<string, WeightLocation>,
): Promise<{ notes: string[] } | undefined> {
  const stored = separateHead(plain);
  if (!stored || config.tie_word_embeddings === false) return undefined;
  const { head, embedding } = stored;
  if (head.shape.join() !== embedding.shape.join()) return undefined;
  const [a, b] = await Promise.all([head, embedding].map(sampleOf));
  const same = head.type === embedding.type && (a as Buffer).equals(b as Buffer);
  const note =
    `${folder}: config.json ties "${shorten(head.name)}" to "${shorten(embedding.name)}", but the stored two differ. ` +
    "Both are used as they are stored.";
  return { notes: same ? [] : [note] };
}

/** 64 pieces of a weight, evenly spread. */
function sampleOf({ file, offset, length }: WeightLocation): Promise<Buffer> {
  return SourceFile.use(file, "checkpoint", async (source) => {
    const size = Math.min(1024, length);
    const places = Array.from({ length: 64 }, (_, i) => Math.floor(((length - size) * i) / 63));
    return Buffer.concat(await Promise.all(places.map((place) => source.read(offset + place, size))));
  });
}

/**
 * The place of a weight by its full name (as a model with its output head has it), or undefined. Where a checkpoint
 * is of the base model alone, its names lack the first part ("transformer.", "model.", "gpt_neox."): also found; so is
 * what training wrappers renamed, and a matrix that serves as embedding and head under either name.
 */
export function findWeight(checkpoint: Checkpoint, name: string): WeightLocation | undefined {
  return lookUp(checkpoint.plain, checkpoint.config, name);
}

/**
 * The place of a weight that the model cannot be without.
 *
 * @throws RomeError ("checkpoint") if it is missing, of another type, or of another shape than `shape`
 */
export function requireWeight(checkpoint: Checkpoint, name: string, shape: readonly number[]): WeightLocation {
  const weight = findWeight(checkpoint, name);
  const fits = weight?.shape.length === shape.length && weight.shape.every((size, i) => size === shape[i]);
  if (!fits) refuseQuantized(checkpoint);
  if (!weight) {
    const type = checkpoint.otherTypes.get(name);
    throw new RomeError(
      "checkpoint",
      type
        ? `${checkpoint.folder}: the weight "${name}" is stored as ${type}; only ${Object.keys(bytesPerElement).join(", ")} can be run. ` +
            "Save the model again in float32, float16 or bfloat16."
        : `${checkpoint.folder}: the weight "${name}" is missing. ${hintAt(checkpoint.plain, name)}. ` +
            "Choose a checkpoint that transformers saved, whose config.json belongs to its weights.",
    );
  }
  if (!fits) {
    throw new RomeError(
      "checkpoint",
      `${weight.file}: the weight "${shorten(weight.name)}" has the shape [${weight.shape.join(", ")}], but config.json asks for ` +
        `[${shape.join(", ")}]. The two files do not belong together.`,
    );
  }
  return weight;
}

/** @throws RomeError where the weights are kept in a form that only a quantisation library can read */
function refuseQuantized({ folder, config, weights, otherTypes }: Checkpoint): void {
  const settings = config.quantization_config;
  const marks = [...weights.keys(), ...otherTypes.keys()].some((name) =>
    /\.(qweight|qzeros|absmax|weight_packed)$/.test(name),
  );
  if (!v.is(anyObject, settings) && !marks) return;
  const method = v.is(anyObject, settings) ? settings.quant_method : undefined;
  throw new RomeError(
    "checkpoint",
    `${folder} holds quantised weights (${marks && !settings ? "qweight and its like in the files" : `quantization_config in config.json, quant_method ${shorten(JSON.stringify(method) ?? "not given")}`}). ` +
      "Only float32, float16 and bfloat16 can be run: choose the model that it was made from.",
  );
}

/**
 * @param layers that config.json gives
 * @param first the name of a weight of the first layer
 * @throws RomeError ("checkpoint") where more layers are stored, which would be left out
 */
export function refuseMoreLayers(checkpoint: Checkpoint, layers: number, first: string): void {
  const prefix = first.slice(0, first.indexOf(".0.") + 1).replace(/^(transformer|model|gpt_neox)\./, "");
  let most = 0;
  for (const name of checkpoint.plain.keys()) {
    const at = name.startsWith(prefix) ? 0 : name.indexOf(`.${prefix}`) + 1;
    const layer = at > 0 || name.startsWith(prefix) ? /^(\d+)\./.exec(name.slice(at + prefix.length))?.[1] : undefined;
    most = Math.max(most, Number(layer ?? -1) + 1);
  }
  if (most <= layers) return;
  throw new RomeError(
    "checkpoint",
    `${checkpoint.folder}: config.json says ${layers} layers, but the weights have ${most}. The two do not belong together.`,
  );
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
