import * as v from "valibot";
import { type AdapterEntry, adapterEntry, type EditEntry, editEntry } from "../../protocol/editEntry.ts";
import { type ModelIdentity, modelIdentity } from "../../protocol/editFile.ts";
import type { RomeError } from "../../protocol/errors.ts";
import { parseJson } from "../checkpoint/sourceFile.ts";
import { type EditSet, isAdapter } from "./editSet.ts";

/** Makes the error of what is wrong: a file's reader and its writer each say it in their own words. */
type Wrong = (what: string) => RomeError;

/** What an edit file says of its rows. */
export interface Description {
  readonly model: ModelIdentity;
  readonly entries: readonly (EditEntry | AdapterEntry)[];
}

/** Reads the metadata of an edit file, as they are stored or are to be stored. */
export function describe(metadata: Readonly<Record<string, string>>, wrong: Wrong): Description {
  const model = parseJson(metadata.model ?? "", modelIdentity, (what) => wrong(`its model: ${what}`));
  // By its kind, so that what is wrong is said of the one that was meant.
  const entry = v.lazy((input) =>
    typeof input === "object" && input !== null && "kind" in input ? adapterEntry : editEntry,
  );
  const entries: Description["entries"] = parseJson(
    metadata.edits ?? "",
    v.pipe(v.array(entry), v.minLength(1)),
    (what) => wrong(`its edits: ${what}`),
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
  const require = (of: string, name: string, vector: Float32Array, length: number) => {
    if (vector.length !== length) throw wrong(`"${name}" of ${JSON.stringify(of)} is not ${length} numbers`);
    if (!vector.every(Number.isFinite)) throw wrong(`"${name}" holds numbers that are not finite`);
  };
  for (const saved of edits) {
    const { name } = saved.entry;
    require(name, "r", saved.r, width);
    if (isAdapter(saved)) {
      require(name, "erased", saved.u, saved.entry.kind === "erase" ? width : 0);
      continue;
    }
    const { entry, u, delta, key } = saved;
    if ((entry.method === "batch") !== (key !== undefined))
      throw wrong(`${JSON.stringify(name)} is of a batch or has a key, not both`);
    require(name, "u", u, inner);
    require(name, "delta", delta, width);
    if (key) require(name, "key", key, inner);
  }
}
