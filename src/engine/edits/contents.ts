import * as v from "valibot";
import { type EditEntry, editEntry } from "../../protocol/editEntry.ts";
import { type ModelIdentity, modelIdentity } from "../../protocol/editFile.ts";
import type { RomeError } from "../../protocol/errors.ts";
import { parseJson } from "../checkpoint/sourceFile.ts";
import type { EditSet } from "./editSet.ts";

/** Makes the error of what is wrong: a file's reader and its writer each say it in their own words. */
type Wrong = (what: string) => RomeError;

/** What an edit file says of its rows. */
export interface Description {
  readonly model: ModelIdentity;
  readonly entries: readonly EditEntry[];
}

/** Reads the metadata of an edit file, as they are stored or are to be stored. */
export function describe(metadata: Readonly<Record<string, string>>, wrong: Wrong): Description {
  const model = parseJson(metadata.model ?? "", modelIdentity, (what) => wrong(`its model: ${what}`));
  const entries: EditEntry[] = parseJson(metadata.edits ?? "", v.pipe(v.array(editEntry), v.minLength(1)), (what) =>
    wrong(`its edits: ${what}`),
  );
  const names = entries.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw wrong(`two of its edits have one name, ${JSON.stringify(twice)}`);
  const deep = entries.find(({ layer }) => layer >= model.layers);
  if (deep) throw wrong(`it edits layer ${deep.layer} of a model with ${model.layers}`);
  return { model, entries };
}

/** Refuses vectors of other lengths than the model's, and numbers that are not finite. */
export function requireVectors({ model, edits }: EditSet, wrong: Wrong): void {
  const { inner, width } = model;
  for (const { entry, u, r, delta, key } of edits) {
    const batched = entry.method === "batch";
    if (batched !== (key !== undefined))
      throw wrong(`${JSON.stringify(entry.name)} is of a batch or has a key, not both`);
    for (const [name, vector, length] of [
      ["u", u, inner],
      ["r", r, width],
      ["delta", delta, width],
      ...(key ? [["key", key, inner] as const] : []),
    ] as const) {
      if (vector.length !== length) throw wrong(`"${name}" of ${JSON.stringify(entry.name)} is not ${length} numbers`);
      if (!vector.every(Number.isFinite)) throw wrong(`"${name}" holds numbers that are not finite`);
    }
  }
}
