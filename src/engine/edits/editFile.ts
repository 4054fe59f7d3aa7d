import type { EditEntry } from "../../protocol/editEntry.ts";
import { RomeError } from "../../protocol/errors.ts";
import { readSafetensorsHeader } from "../checkpoint/safetensors.ts";
import { SourceFile } from "../checkpoint/sourceFile.ts";
import { readSafetensors, type TensorData, writeSafetensors } from "../checkpoint/tensorFile.ts";
import { type Kind, requireOwnFile } from "../files/ownKind.ts";
import { schemaFault } from "../files/schema.ts";
import { type Description, describe, requireVectors } from "./contents.ts";
import { type EditSet, isAdapter, type Saved, weightEdits } from "./editSet.ts";

/** Of the layout below; a file of another one is refused. One without vectors is still written as the first. */
const schema = 2;
/** Bytes of JSON about edits; a thousand of them take about 3 MB. */
const mostHeader = 64 * 2 ** 20;

const kind: Kind = {
  name: "an edit file",
  ending: ".romedit",
  isOwn: (path) =>
    SourceFile.use(path, "data", async (file) => (await readSafetensorsHeader(file)).metadata.format === "romedit"),
};

/**
 * Makes sure that an edit file can be written at `path`.
 *
 * @throws RomeError "input" for another ending, or something else that is there; "disk"
 */
export function requireEditFile(path: string): Promise<void> {
  return requireOwnFile(path, kind);
}

/**
 * Writes a `.romedit` file, atomically: safetensors with the tensors `r` [n, d], a row an edit or vector, `u` [n, m] and
 * `delta` [n, d], a row an edit, `key`, a row each edit of a batch, and `erased` [n, d], a row an erasure, float32; the
 * metadata say which model and, as JSON, what each row is.
 *
 * @throws RomeError "input" for a set that `readEditFile` would refuse, or a file that is there and is something else;
 * "disk"
 */
export async function writeEditFile(path: string, set: EditSet): Promise<void> {
  const { model, edits } = set;
  if (edits.length === 0) throw new RomeError("input", "There is no edit to save.");
  const metadata = {
    format: "romedit",
    schema: String(edits.some(isAdapter) ? schema : 1),
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
  const [own, vectors] = [weightEdits(set), edits.filter(isAdapter)];
  const parts: [name: string, rows: Float32Array[], length: number][] = [
    ["u", own.map(({ u }) => u), inner],
    ["r", edits.map(({ r }) => r), width],
    ["delta", own.map(({ delta }) => delta), width],
    ["key", own.flatMap(({ key }) => (key ? [key] : [])), inner],
    ["erased", vectors.filter(({ entry }) => entry.kind === "erase").map(({ u }) => u), width],
  ];
  const tensors = Object.fromEntries(
    parts.filter(([, rows]) => rows.length > 0).map(([name, rows, length]) => [name, stack(rows, length)]),
  );
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
    if (rows === 0) return [];
    const tensor = tensors.get(name);
    if (!(tensor?.data instanceof Float32Array) || String(tensor.shape) !== String([rows, width]))
      throw damaged(`"${name}" is not ${rows} × ${width} numbers of type F32`);
    const { data } = tensor;
    return Array.from({ length: rows }, (_, i) => data.subarray(i * width, (i + 1) * width));
  };
  const { inner, width } = model;
  const rows = {
    u: [...rowsOf("u", entries.filter(isEdit).length, inner)],
    r: [...rowsOf("r", entries.length, width)],
    delta: [...rowsOf("delta", entries.filter(isEdit).length, width)],
    key: [...rowsOf("key", entries.filter((entry) => isEdit(entry) && entry.method === "batch").length, inner)],
    erased: [...rowsOf("erased", entries.filter((entry) => !isEdit(entry) && entry.kind === "erase").length, width)],
  };
  const next = (name: keyof typeof rows) => rows[name].shift() as Float32Array;
  const edits = entries.map((entry): Saved => {
    const r = next("r");
    if (!isEdit(entry)) return { entry, u: entry.kind === "erase" ? next("erased") : new Float32Array(0), r };
    return { entry, u: next("u"), r, delta: next("delta"), ...(entry.method === "batch" && { key: next("key") }) };
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
  const fault = schemaFault(metadata.schema, metadata.schema === "1" ? 1 : schema);
  if (fault) throw new RomeError("data", `${path} ${fault}`);
  const description = describe(metadata, damaged);
  const unknown = tensors.find(({ name }) => !["u", "r", "delta", "key", "erased"].includes(name));
  if (unknown) throw damaged("it holds tensors that no edit has");
  return description;
}

function isEdit(entry: Description["entries"][number]): entry is EditEntry {
  return !("kind" in entry);
}

function damagedEdits(path: string, what: string): RomeError {
  return new RomeError("data", `${path} is damaged or incomplete: ${what}. Save the edits again, or restore a copy.`);
}
