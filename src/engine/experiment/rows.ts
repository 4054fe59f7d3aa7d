import type { RomeError } from "../../protocol/errors.ts";
import type { EditRecord } from "../../protocol/results.ts";
import type { TensorFile } from "../checkpoint/tensorFile.ts";
import { listHash, type Manifest } from "./manifest.ts";

/** Rows of a data set, or of one batch of it. */
export interface Rows {
  readonly records: readonly EditRecord[];
  /** Δv [n, d]; v [n, d] and the bare prompt's key [n, m], which a shipped data set leaves out. */
  readonly delta: Float32Array;
  readonly value?: Float32Array;
  readonly key?: Float32Array;
}

/** Which rows are meant: from position `start` of the list of names on, `count` of them. */
export interface Place {
  readonly start: number;
  readonly count: number;
  /** The names themselves, where they are at hand. */
  readonly names?: readonly string[];
}

/**
 * Makes sure that rows are those of their place, whole and of finite numbers: what is stored must pass before it is
 * written and when it is read.
 */
export function requireRows(
  { records, delta, value, key }: Rows,
  { start, count, names }: Place,
  { targets }: Manifest,
  wrong: (what: string) => RomeError,
): void {
  if (records.length !== count) throw wrong(`there are ${records.length} records, not ${count}`);
  const labels = targets.map(({ label }) => label);
  for (const [i, record] of records.entries()) {
    const { index, name, from, to, before, after, losses, deltaNorm, valueNorm } = record;
    const who = `record ${start + i} (${JSON.stringify(name)})`;
    if (index !== start + i) throw wrong(`${who} says that it is number ${index}`);
    if (names && name !== names[i]) throw wrong(`${who} is not of ${JSON.stringify(names[i])}, whose place it has`);
    if (from === to || !labels.includes(from) || !labels.includes(to))
      throw wrong(
        `${who} goes from ${JSON.stringify(from)} to ${JSON.stringify(to)}, not between ${labels.join(" and ")}`,
      );
    if (![before, after].every((probability) => labels.every((label) => Object.hasOwn(probability, label))))
      throw wrong(`${who} lacks the probability of a label`);
    const numbers = [...losses, deltaNorm, valueNorm, ...Object.values(before), ...Object.values(after)];
    if (!numbers.every(Number.isFinite)) throw wrong(`${who} holds a number that is not finite`);
  }
  for (const [what, numbers] of Object.entries({ delta, value, key })) {
    if (!numbers?.length && what !== "delta") continue;
    if (!numbers?.length || numbers.length % count !== 0) throw wrong(`"${what}" does not have a row for each record`);
    const broken = numbers.findIndex((number) => !Number.isFinite(number));
    const row = Math.floor(broken / (numbers.length / count));
    if (broken >= 0) throw wrong(`"${what}" of ${JSON.stringify(records[row]?.name)} is not finite`);
  }
}

/** Makes sure that all records are those of the list that the manifest names. */
export function requireList(
  records: readonly EditRecord[],
  { names }: Manifest,
  wrong: (what: string) => RomeError,
): void {
  const seen = new Set<string>();
  for (const { name } of records) {
    if (seen.has(name)) throw wrong(`${JSON.stringify(name)} is recorded twice`);
    seen.add(name);
  }
  const list = records.map(({ name, expected }) => ({ name, label: expected }));
  if (names.of === "list" && listHash(list) !== names.sha256)
    throw wrong("its names or their labels are not those that it was recorded for");
}

/** A tensor [n, width] of these rows; undefined where the file has none of that name, type and shape. */
export function tensorOf({ tensors }: TensorFile, name: string, count: number): Float32Array | undefined {
  const tensor = tensors.get(name);
  const fits = tensor?.shape.length === 2 && tensor.shape[0] === count;
  return fits && tensor.data instanceof Float32Array ? tensor.data : undefined;
}
