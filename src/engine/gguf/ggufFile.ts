import { GGMLQuantizationType, type GGUFTensorInfo, gguf } from "@huggingface/gguf";
import { RomeError } from "../../protocol/errors.ts";
import { type SourceFile, shorten } from "../checkpoint/sourceFile.ts";
import { elementCount } from "../checkpoint/tensor.ts";
import { type BlockType, blockTypes } from "./blockTypes.ts";

/** A tensor as it lies in the file, already checked to lie inside it and to overlap no other. */
export interface GgufTensor {
  readonly name: string;
  readonly type: BlockType;
  /** Row-major, as Hugging Face writes it (GGUF writes it the other way round). */
  readonly shape: readonly number[];
  /** Bytes from the start of the file, and how many. */
  readonly offset: number;
  readonly length: number;
}

export interface Gguf {
  /** What the file says of the model, by key: "general.architecture", "tokenizer.ggml.tokens", … */
  readonly metadata: ReadonlyMap<string, unknown>;
  readonly tensors: readonly GgufTensor[];
}

/** The fewest bytes that a metadata entry and a tensor's entry take. */
const leastEntry = 13;
const leastTensor = 24;

/**
 * Reads what stands before the weights of a GGUF file.
 *
 * @throws RomeError ("checkpoint") for a file that is none, is damaged or hostile, is one part of several, or stores a
 * tensor in a type that cannot be unpacked
 */
export async function readGguf(file: SourceFile): Promise<Gguf> {
  await checkStart(file);
  const { metadata, tensorInfos, tensorDataOffset, tensorInfoByteRange } = await gguf(file.path, {
    allowLocalFile: true,
  }).catch((cause) => {
    throw file.damaged(
      `its header cannot be read (${shorten(cause instanceof Error ? cause.message : String(cause))})`,
    );
  });
  // Past the end of the file the library reads zeros.
  const headerEnd = tensorInfoByteRange[1];
  if (headerEnd > file.size) throw file.damaged(`it ends at byte ${file.size}, within its header`);
  const entries = new Map<string, unknown>(Object.entries(metadata));
  const start = Number(tensorDataOffset);
  // The library's rounding holds for powers of two only.
  if (!Number.isInteger(Math.log2(Number(entries.get("general.alignment") ?? 32))) || start < headerEnd)
    throw file.damaged("its alignment is no power of two");
  if (Number(entries.get("split.count") ?? 1) > 1)
    throw new RomeError(
      "checkpoint",
      `${file.path} is one part of several. Join them first: llama-gguf-split --merge, with the first part.`,
    );
  const tensors = tensorInfos.map((info) => tensorOf(file, start, info)).sort((a, b) => a.offset - b.offset);
  checkPlaces(file, tensors);
  return { metadata: entries, tensors };
}

/** Refuses what is no GGUF file, and counts that the file is too small for, before anything is made of them. */
async function checkStart(file: SourceFile): Promise<void> {
  const start = file.size < 24 ? undefined : await file.read(0, 24);
  if (start?.toString("latin1", 0, 4) !== "GGUF")
    throw new RomeError("checkpoint", `${file.path} is not a GGUF file. Give one, or the folder of a model.`);
  const version = start.readUInt32LE(4);
  if (version !== 2 && version !== 3)
    throw new RomeError(
      "checkpoint",
      `${file.path} is GGUF of version ${version}; only 2 and 3, little-endian, can be read.`,
    );
  const [tensors, entries] = [start.readBigUInt64LE(8), start.readBigUInt64LE(16)];
  if (tensors * BigInt(leastTensor) + entries * BigInt(leastEntry) > file.size)
    throw file.damaged(`it claims ${tensors} tensors and ${entries} entries, too many for its ${file.size} bytes`);
}

function tensorOf(file: SourceFile, start: number, info: GGUFTensorInfo): GgufTensor {
  const wrong = (what: string) => file.damaged(`the tensor "${shorten(info.name)}" ${what}`);
  const typeName = GGMLQuantizationType[info.dtype] ?? `type ${info.dtype}`;
  const type = Object.hasOwn(blockTypes, typeName) ? blockTypes[typeName] : undefined;
  if (!type)
    throw new RomeError(
      "checkpoint",
      `${file.path} stores "${shorten(info.name)}" as ${typeName}; only ${Object.keys(blockTypes).join(", ")} can be unpacked. ` +
        "Take another quantisation of the model.",
    );
  const shape = info.shape.map(Number).reverse();
  const count = elementCount(shape);
  if (!count || shape.length === 0) throw wrong(`has the shape [${shape}]`);
  if ((shape.at(-1) as number) % type.elements !== 0)
    throw wrong(`has rows of ${shape.at(-1)} numbers, no multiple of ${typeName}'s ${type.elements}`);
  const length = (count / type.elements) * type.bytes;
  const offset = start + Number(info.offset);
  if (!Number.isSafeInteger(offset) || offset + length > file.size)
    throw wrong(`lies at bytes ${offset} to ${offset + length}, outside the file of ${file.size} bytes`);
  return { name: info.name, type, shape, offset, length };
}

function checkPlaces(file: SourceFile, tensors: readonly GgufTensor[]): void {
  const names = new Set<string>();
  let before: GgufTensor | undefined;
  for (const tensor of tensors) {
    if (before && tensor.offset < before.offset + before.length)
      throw file.damaged(`the tensors "${shorten(before.name)}" and "${shorten(tensor.name)}" overlap`);
    if (names.has(tensor.name)) throw file.damaged(`it holds "${shorten(tensor.name)}" twice`);
    names.add(tensor.name);
    before = tensor;
  }
}
