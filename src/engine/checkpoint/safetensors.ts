import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { anyObject, describeIssue, parseJson, type SourceFile, shorten } from "./sourceFile.ts";
import { bitsPerElement, elementCount, type StoredTensor } from "./tensor.ts";

/** The reference implementation's own limit on the header. */
const mostHeader = 100_000_000;

const size = v.pipe(v.number(), v.safeInteger("is not a whole number"), v.minValue(0, "is negative"));
const entrySchema = v.object({
  dtype: v.string(),
  shape: v.pipe(v.array(size), v.maxLength(16, "has too many dimensions")),
  data_offsets: v.tuple([size, size]),
});
const metadataSchema = v.nullish(v.record(v.string(), v.string()), {});

/** Sound files of other programs, by their first bytes. */
const otherKinds = [
  { magic: "PK\x03\x04", name: "a ZIP archive (such as NumPy's .npz or a torch file)" },
  { magic: "\x93NUMPY", name: "a NumPy array" },
  { magic: "GGUF", name: "a GGUF file" },
  { magic: "\x89HDF", name: "an HDF5 file" },
];

export interface SafetensorsHeader {
  /** In the order of their bytes in the file; offsets count from the start of the file. */
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the header of a safetensors file: 8 bytes of length (little-endian), JSON, then the tensors' bytes
 * back to back. Like the reference implementation it refuses overlaps, gaps and trailing bytes, so that a file
 * cut short or grown by accident never passes.
 */
export async function readSafetensorsHeader(file: SourceFile): Promise<SafetensorsHeader> {
  if (file.size < 10) throw file.damaged(`${file.size} bytes are too few for a safetensors file`);
  const start = await file.read(0, 8);
  const kind = otherKinds.find(({ magic }) => start.toString("latin1").startsWith(magic));
  if (kind)
    throw new RomeError(file.reason, `${file.path} is ${kind.name}, not a safetensors file, and cannot be read here.`);
  const declared = start.readBigUInt64LE();
  if (declared > file.size - 8) {
    throw file.damaged(`its header claims ${declared} bytes, but the file has ${file.size}`);
  }
  if (declared > mostHeader) throw file.damaged(`its header claims ${declared} bytes, more than any model needs`);
  const length = Number(declared);
  const text = (await file.read(8, length)).toString("utf8");
  const { __metadata__: metadata, ...entries } = parseJson(text, anyObject, (what) =>
    file.damaged(`its header: ${what}`),
  );
  const checkedMetadata = v.safeParse(metadataSchema, metadata);
  if (!checkedMetadata.success) throw file.damaged("its header's __metadata__ is not a map of strings");
  const begin = 8 + length;
  const tensors = Object.entries(entries)
    .map(([name, entry]) => storedTensor(file, begin, name, entry))
    .sort((a, b) => a.offset - b.offset || a.length - b.length);
  checkCoverage(file, begin, tensors);
  return { tensors, metadata: checkedMetadata.output };
}

function storedTensor(file: SourceFile, start: number, name: string, entry: unknown): StoredTensor {
  const wrong = (what: string) => file.damaged(`the tensor "${shorten(name)}" ${what}`);
  const checked = v.safeParse(entrySchema, entry, { abortEarly: true });
  if (!checked.success) throw wrong(`has a bad entry (${describeIssue(checked.issues[0])})`);
  const { dtype, shape, data_offsets: offsets } = checked.output;
  const bits = bitsPerElement.get(dtype);
  if (bits === undefined) throw wrong(`has the unknown element type "${shorten(dtype, 20)}"`);
  const [begin, end] = offsets;
  if (begin > end) throw wrong(`ends (${end}) before it begins (${begin})`);
  if (start + end > file.size) {
    throw wrong(`lies at bytes ${start + begin} to ${start + end}, outside the file of ${file.size} bytes`);
  }
  const elements = elementCount(shape);
  if (elements === undefined || elements * bits !== (end - begin) * 8) {
    throw wrong(`of type ${dtype} and shape [${shape}] does not fit its ${end - begin} bytes`);
  }
  return { name, type: dtype, shape, offset: start + begin, length: end - begin };
}

function checkCoverage(file: SourceFile, start: number, tensors: readonly StoredTensor[]): void {
  let end = start;
  let before = "the header";
  for (const { name, offset, length } of tensors) {
    const here = `"${shorten(name)}"`;
    if (offset < end) throw file.damaged(`the tensors ${before} and ${here} overlap`);
    if (offset > end) throw file.damaged(`there is a gap of ${offset - end} bytes between ${before} and ${here}`);
    end = offset + length;
    before = here;
  }
  if (end !== file.size) throw file.damaged(`its header describes ${end} bytes, but the file has ${file.size}`);
}

/** The first bytes of a safetensors file, and where each tensor then lies, back to back in the order given. */
export function encodeSafetensorsHeader(
  tensors: readonly Pick<StoredTensor, "name" | "type" | "shape" | "length">[],
  metadata: Readonly<Record<string, string>>,
): { header: Buffer; offsets: number[] } {
  const entries: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let end = 0;
  const begins = tensors.map(({ name, type, shape, length }) => {
    const begin = end;
    end += length;
    entries[name] = { dtype: type, shape, data_offsets: [begin, end] };
    return begin;
  });
  const json = Buffer.from(JSON.stringify(entries), "utf8");
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return { header, offsets: begins.map((begin) => header.length + begin) };
}
