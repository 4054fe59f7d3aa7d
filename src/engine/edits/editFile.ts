import { RomeError } from "../../protocol/errors.ts";
import { readSafetensorsHeader } from "../checkpoint/safetensors.ts";
import { SourceFile } from "../checkpoint/sourceFile.ts";
import { readSafetensors, type TensorData, writeSafetensors } from "../checkpoint/tensorFile.ts";
import { type Kind, requireOwnFile } from "../files/ownKind.ts";
import { schemaFault } from "../files/schema.ts";
import { type Description, describe, requireVectors } from "./contents.ts";
import type { EditSet, SavedEdit } from "./editSet.ts";

/** Of the layout below; a file of another one is refused. */
const schema = 1;
/** Bytes of JSON about edits; a thousand of them take about 3 MB. */
const mostHeader = 64 * 2 ** 20;

const kind: Kind = {
  name: "an edit file",
  isOwn: (path) =>
    SourceFile.use(path, "data", async (file) => (await readSafetensorsHeader(file)).metadata.format === "romedit"),
};

/**
 * Makes sure that an edit file can be written at `path`.
 *
 * @throws RomeError "input" for something else that is there; "disk"
 */
export function requireEditFile(path: string): Promise<void> {
  return requireOwnFile(path, kind);
}

/**
 * Writes a `.romedit` file, atomically: safetensors with the tensors `u` [n, m], `r` [n, d] and `delta` [n, d], a row an
 * edit, and `key`, a row each edit of a batch, float32; the metadata say which model and, as JSON, what each row is.
 *
 * @throws RomeError "input" for a set that `readEditFile` would refuse, or a file that is there and is something else;
 * "disk"
 */
export async function writeEditFile(path: string, set: EditSet): Promise<void> {
  const { model, edits } = set;
  if (edits.length === 0) throw new RomeError("input", "There is no edit to save.");
  const metadata = {
    format: "romedit",
    schema: String(schema),
    model: JSON.stringify(model),
    edits: JSON.stringify(edits.map(({ entry }) => entry)),
  };
  const wrong = (what: string) =>
    new RomeError("input", `${path} was not written, because it could not be read again: ${what}.`);
  describe(metadata, wrong);
  requireVectors(set, wrong);
  await requireEditFile(path);
  const { inner, width } = model;
  const stack = (rows: readonly Float32Array[], length: number): TensorData => {
    const data = new Float32Array(rows.length * length);
    for (const [i, row] of rows.entries()) data.set(row, i * length);
    return { shape: [rows.length, length], data };
  };
  const keys = edits.flatMap(({ key }) => (key ? [key] : []));
  const tensors = {
    u: stack(
      edits.map(({ u }) => u),
      inner,
    ),
    r: stack(
      edits.map(({ r }) => r),
      width,
    ),
    delta: stack(
      edits.map(({ delta }) => delta),
      width,
    ),
    ...(keys.length > 0 && { key: stack(keys, inner) }),
  };
  await writeSafetensors(path, tensors, metadata);
}

/**
 * Reads a `.romedit` file.
 *
 * @throws RomeError ("data") for a file that is missing, cut short, foreign, of wrong shapes, or holds a number that is
 * not finite
 */
export async function readEditFile(path: string): Promise<EditSet> {
  const { model, entries } = await readDescription(path);
  const { tensors } = await readSafetensors(path);
  const damaged = (what: string) => damagedEdits(path, what);
  const rowsOf = (name: string, rows: number, width: number): Float32Array[] => {
    const tensor = tensors.get(name);
    if (!(tensor?.data instanceof Float32Array) || String(tensor.shape) !== String([rows, width]))
      throw damaged(`"${name}" is not ${rows} × ${width} numbers of type F32`);
    const { data } = tensor;
    return Array.from({ length: rows }, (_, i) => data.subarray(i * width, (i + 1) * width));
  };
  const count = entries.length;
  const { inner, width } = model;
  const [u, r, delta] = [rowsOf("u", count, inner), rowsOf("r", count, width), rowsOf("delta", count, width)];
  const batched = entries.filter(({ method }) => method === "batch");
  const keys = batched.length > 0 ? rowsOf("key", batched.length, inner) : [];
  const edits = entries.map((entry, i): SavedEdit => {
    const key = keys[batched.indexOf(entry)];
    const vectors = { u: u[i] as Float32Array, r: r[i] as Float32Array, delta: delta[i] as Float32Array };
    return { entry, ...vectors, ...(key && { key }) };
  });
  requireVectors({ model, edits }, damaged);
  return { model, edits };
}

/** The metadata alone, so that of a foreign file (a model of many gigabytes) nothing else is read. */
async function readDescription(path: string): Promise<Description> {
  const damaged = (what: string) => damagedEdits(path, what);
  const { metadata, tensors } = await SourceFile.use(path, "data", async (file) => {
    const length = file.size < 8 ? 0n : (await file.read(0, 8)).readBigUInt64LE();
    if (length > mostHeader && length <= file.size - 8) throw damaged(`its header claims ${length} bytes`);
    return readSafetensorsHeader(file);
  });
  if (metadata.format !== "romedit")
    throw new RomeError("data", `${path} is not an edit file. Edit files are written by rome edit --save.`);
  const fault = schemaFault(metadata.schema, schema);
  if (fault) throw new RomeError("data", `${path} ${fault}`);
  const description = describe(metadata, damaged);
  const unknown = tensors.find(({ name }) => !["u", "r", "delta", "key"].includes(name));
  if (unknown) throw damaged("it holds tensors that no edit has");
  return description;
}

function damagedEdits(path: string, what: string): RomeError {
  return new RomeError("data", `${path} is damaged or incomplete: ${what}. Save the edits again, or restore a copy.`);
}
