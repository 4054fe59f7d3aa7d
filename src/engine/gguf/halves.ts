import { RomeError } from "../../protocol/errors.ts";
import { type SourceFile, shorten } from "../checkpoint/sourceFile.ts";
import { encodeNumbers } from "../checkpoint/storedNumbers.ts";
import type { PlannedWeight } from "./planModel.ts";

/** Numbers that are in memory at once; of a tensor that is rearranged, its stored bytes are, too. */
const bandElements = 2 ** 20;

/** From here on a float16 is infinite. */
const beyondHalf = 65520;

/**
 * A tensor's numbers as float16, in the order in which Hugging Face stores them, band by band.
 *
 * @throws RomeError ("checkpoint") for numbers that float16 cannot hold
 */
export async function* halves(file: SourceFile, weight: PlannedWeight): AsyncGenerator<Uint8Array> {
  for await (const numbers of weight.transposed ? [await transposed(file, weight)] : bands(file, weight)) {
    if (!numbers.every((value) => Math.abs(value) < beyondHalf))
      throw new RomeError(
        "checkpoint",
        `${file.path}: "${shorten(weight.source.name)}" has numbers that float16 cannot hold. The file is damaged, or the ` +
          "model cannot be run in float16.",
      );
    yield encodeNumbers(numbers, "F16");
  }
}

async function* bands(file: SourceFile, { source, rowInGguf }: PlannedWeight): AsyncGenerator<Float32Array> {
  const { rows, rowBytes, rowElements } = rowsOf(source);
  const stored = rowInGguf && (await file.read(source.offset, source.length));
  const most = Math.max(1, Math.floor(bandElements / rowElements));
  for (let from = 0; from < rows; from += most) {
    const count = Math.min(most, rows - from);
    const at = (row: number) => (rowInGguf ? rowInGguf(row) : row) * rowBytes;
    const bytes = stored
      ? Buffer.concat(Array.from({ length: count }, (_, i) => stored.subarray(at(from + i), at(from + i) + rowBytes)))
      : await file.read(source.offset + at(from), count * rowBytes);
    yield source.type.unpack(bytes);
  }
}

/** A matrix turned round, as a whole: those of GPT-2, which are small. */
async function transposed(file: SourceFile, { source }: PlannedWeight): Promise<Float32Array> {
  const { rows, rowElements } = rowsOf(source);
  const numbers = source.type.unpack(await file.read(source.offset, source.length));
  const turned = new Float32Array(numbers.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rowElements; j++) turned[j * rows + i] = numbers[i * rowElements + j] as number;
  return turned;
}

/** A vector counts as rows of one number where its type allows that, so that it can be rearranged, too. */
function rowsOf({ shape, length, type }: PlannedWeight["source"]) {
  const elements = shape.reduce((product, size) => product * size, 1);
  const rowElements = shape.length === 1 ? type.elements : (shape.at(-1) as number);
  const rows = elements / rowElements;
  return { rows, rowElements, rowBytes: length / rows };
}
