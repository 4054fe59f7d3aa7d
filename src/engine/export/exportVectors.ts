import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { csv } from "../../text/csv.ts";
import { type TensorData, writeSafetensors } from "../checkpoint/tensorFile.ts";
import { Dataset } from "../experiment/dataset.ts";
import { readClassifier } from "../experiment/scorer.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { type Kind, requireOwnFolder } from "../files/ownKind.ts";

const rowsName = "rows.csv";
const columns = ["name", "from", "to", "flipped"];
const kind: Kind = {
  name: "a folder of exported vectors",
  isOwn: async (folder) => (await readFile(join(folder, rowsName), "utf8")).startsWith(csv(columns, [])),
};

/**
 * Writes what an experiment found for other programs: `vectors.safetensors` with `delta` [n, d] and, where it was
 * analysed, `vector` [d] and `classifier` [d]; each also as `.npy`; `rows.csv` says which name each row of `delta` is.
 *
 * @returns names of the files
 * @throws RomeError "data" for a data set that is unfinished or damaged, "input" for a folder of something else, "disk"
 */
export async function exportVectors(dataset: string, out: string): Promise<string[]> {
  const { records, delta } = await (await Dataset.open(dataset)).read();
  const width = delta.length / records.length;
  const classifier = await readClassifier(dataset, width).catch(() => undefined);
  const tensors: Record<string, TensorData> = {
    delta: { shape: [records.length, width], data: delta },
    ...(classifier && {
      vector: { shape: [width], data: classifier.vector },
      classifier: { shape: [width], data: classifier.weights },
    }),
  };
  await requireOwnFolder(out, kind, 3 * delta.byteLength);
  await makeFolder(out).catch((error) => {
    throw unwritable(out, error);
  });
  const rows = records.map(({ name, from, to, flipped }) => [name, from, to, flipped]);
  // First, because the folder is known by it.
  await writeAtomically(join(out, rowsName), [Buffer.from(csv(columns, rows))]);
  await writeSafetensors(join(out, "vectors.safetensors"), tensors);
  for (const [name, tensor] of Object.entries(tensors)) await writeAtomically(join(out, `${name}.npy`), npy(tensor));
  return ["vectors.safetensors", rowsName, ...Object.keys(tensors).map((name) => `${name}.npy`)];
}

/** NumPy's own format, version 1.0: magic, version, length of the header, the header padded to 64 bytes, the numbers. */
function npy({ shape, data }: TensorData): Uint8Array[] {
  const type = data instanceof Float64Array ? "<f8" : "<f4";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, padded.length & 255, padded.length >> 8]);
  return [start, Buffer.from(padded), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}
