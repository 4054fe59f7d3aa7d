import { RomeError } from "../../protocol/errors.ts";
import { type SourceFile, shorten } from "./sourceFile.ts";
import { bitsPerElement, elementCount, type StoredTensor } from "./tensor.ts";
import { type PickledTensor, readStateDict } from "./torchPickle.ts";
import { ZipDirectory, type ZipRange } from "./torchZip.ts";

/** Bytes the pickle may have; 300 tensors take about 30 kB. */
const mostPickle = 2 ** 23;

/**
 * The tensors in a file by torch.save (PyTorch 1.6 or later: a zip file with one stored entry a storage and a pickle
 * that says what lies where), with the place of each in that file. Nothing but the directory and the pickle is read.
 */
export async function readTorchTensors(file: SourceFile): Promise<StoredTensor[]> {
  await checkKind(file);
  const zip = await ZipDirectory.read(file);
  const root = rootOf(zip);
  const pickleRange = (await zip.locate(`${root}/data.pkl`)) as ZipRange;
  if (pickleRange.length > mostPickle) throw file.damaged(`its data.pkl claims ${pickleRange.length} bytes`);
  await checkByteOrder(zip, root);
  const tensors = readStateDict(await file.read(pickleRange.offset, pickleRange.length), file);
  const storages = new Map<string, ZipRange>();
  const result: StoredTensor[] = [];
  for (const [name, tensor] of tensors) {
    const { key } = tensor.storage;
    const range = storages.get(key) ?? (await zip.locate(`${root}/data/${key}`));
    if (!range) throw file.damaged(`the tensor "${shorten(name)}" has no data (zip entry data/${shorten(key)})`);
    storages.set(key, range);
    result.push(place(file, name, tensor, range));
  }
  return result;
}

/** Tells the zip format from torch's older formats and from what is no checkpoint at all. */
async function checkKind(file: SourceFile): Promise<void> {
  const start = await file.read(0, Math.min(file.size, 300));
  if (start.toString("latin1").startsWith("PK\x03\x04")) return;
  const legacyPickle = start[0] === 0x80 && (start[1] ?? 0) <= 5;
  const legacyTar = start.toString("latin1", 257, 262) === "ustar";
  if (legacyPickle || legacyTar) {
    throw new RomeError(
      "checkpoint",
      `${file.path} is in the format of PyTorch before 1.6, which cannot be mapped from disk. Write it anew once, in Python: ` +
        "torch.save(torch.load(file, map_location='cpu', weights_only=True), file).",
    );
  }
  throw file.damaged("it is not a torch file");
}

/** The folder inside the zip file that holds everything. */
function rootOf(zip: ZipDirectory): string {
  const names = [...zip.names];
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const root = pickles[0]?.slice(0, -"/data.pkl".length);
  if (root === undefined || pickles.length > 1) throw zip.file.damaged("it is a zip file, but not one by torch.save");
  if (names.includes(`${root}/constants.pkl`)) {
    throw new RomeError(
      "checkpoint",
      `${zip.file.path} is a TorchScript program, not a state dict. Save the weights alone: torch.save(model.state_dict(), file).`,
    );
  }
  return root;
}

async function checkByteOrder(zip: ZipDirectory, root: string): Promise<void> {
  const range = await zip.locate(`${root}/byteorder`);
  if (!range) return; // files before PyTorch 2.1, always written little-endian in practice
  const order = (await zip.file.read(range.offset, Math.min(range.length, 16))).toString("latin1");
  if (order !== "little") {
    throw new RomeError(
      "checkpoint",
      `${zip.file.path} was written on a machine of the other byte order. Load and save it once with PyTorch on this machine.`,
    );
  }
}

function place(file: SourceFile, name: string, tensor: PickledTensor, range: ZipRange): StoredTensor {
  const { storage, start, shape, strides } = tensor;
  const wrong = (what: string) => file.damaged(`the tensor "${shorten(name)}" ${what}`);
  const bytes = (bitsPerElement.get(storage.type) as number) / 8;
  if (storage.elements * bytes !== range.length) {
    throw wrong(`should have ${storage.elements} elements of type ${storage.type} in ${range.length} bytes`);
  }
  const elements = elementCount(shape);
  if (elements === undefined) throw wrong(`has the impossible shape [${shape}]`);
  if (elements > 0 && !isRowMajor(shape, strides)) {
    throw new RomeError(
      "checkpoint",
      `${file.path}: the tensor "${shorten(name)}" is not stored row by row (shape [${shape}], strides [${strides}]), so it cannot be ` +
        "mapped. Save it again in PyTorch after .contiguous().",
    );
  }
  if (start + elements > storage.elements) {
    throw wrong(`needs elements ${start} to ${start + elements} of a storage that has ${storage.elements}`);
  }
  return { name, type: storage.type, shape, offset: range.offset + start * bytes, length: elements * bytes };
}

/** Whether each element follows the one before it; the stride of a dimension of one element does not matter. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i] as number;
  }
  return true;
}
