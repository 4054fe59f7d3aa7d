import type { EditData, SavedEditData } from "../../protocol/edit.ts";
import type { EditEntry } from "../../protocol/editEntry.ts";
import type { ModelIdentity } from "../../protocol/editFile.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Model } from "../model/model.ts";
import { decodeVector, encodeVector } from "../rome/edit.ts";

/** An edit with all that a file keeps of it. */
export interface SavedEdit {
  readonly entry: EditEntry;
  /** W′ = W + Σ r uᵀ: u [m] (of length 1 unless of a batch), r [d]. */
  readonly u: Float32Array;
  readonly r: Float32Array;
  /** Δv [d]. */
  readonly delta: Float32Array;
  /** Key of the bare prompt [m]; edits of a batch have it, so that each can be taken out again. */
  readonly key?: Float32Array;
}

/** Edits of one model, in the order they were made. */
export interface EditSet {
  readonly model: ModelIdentity;
  readonly edits: readonly SavedEdit[];
}

export function identityOf({ checkpoint, architecture, size }: Model, name: string): ModelIdentity {
  const { layers, width, inner } = size;
  return { name, fingerprint: checkpoint.fingerprint, architecture: architecture.family, layers, width, inner };
}

/** What two models differ in, in words; empty where edits of one are edits of the other. */
export function differencesOf(made: ModelIdentity, open: ModelIdentity): string[] {
  const named = [
    ["architecture", "architecture"],
    ["layers", "number of layers"],
    ["width", "width"],
    ["inner", "inner width"],
  ] as const;
  const differences = named
    .filter(([field]) => made[field] !== open[field])
    .map(([field, words]) => `${words} ${made[field]}, not ${open[field]}`);
  if (made.fingerprint !== open.fingerprint)
    differences.push(`weights ${made.fingerprint.slice(0, 12)}, not ${open.fingerprint.slice(0, 12)}`);
  return differences;
}

/** Refuses edits of another model: `input` error that says what differs. */
export function requireFitting({ model }: EditSet, open: ModelIdentity, where: string): void {
  const differences = differencesOf(model, open);
  if (differences.length > 0)
    throw new RomeError(
      "input",
      `${where} was made for another model, ${model.name} (${differences.join("; ")}). Open that model, or make the edits again.`,
    );
}

/** The edits of all sets, in order; a name that is taken gets a number. Sets of different models are refused. */
export function combine(sets: readonly EditSet[], names: readonly string[]): EditSet {
  const [first] = sets;
  if (!first) throw new RomeError("input", "Name the edit files to combine.");
  for (const [i, set] of sets.entries()) requireFitting(set, first.model, names[i] ?? "The file");
  refuseMixedBatches(sets);
  refuseTwice(sets, names);
  const taken = new Set<string>();
  const edits = sets
    .flatMap((set) => set.edits)
    .map((edit) => {
      let name = edit.entry.name;
      for (let number = 2; taken.has(name); number++) name = `${edit.entry.name} (${number})`;
      taken.add(name);
      return { ...edit, entry: { ...edit.entry, name } };
    });
  return { model: first.model, edits };
}

/** A word on each subject that several edits of a set are about: on the model, their updates are added. */
export function repeated({ edits }: EditSet): string[] {
  const names = new Map<string, string[]>();
  for (const { entry } of edits) {
    const prompt = entry.template.replace("{}", () => entry.subject);
    names.set(prompt, [...(names.get(prompt) ?? []), entry.name]);
  }
  return [...names].flatMap(([prompt, [first, ...more]]) =>
    more.length > 0
      ? [
          `${JSON.stringify(prompt)} is edited ${more.length + 1} times (${[first, ...more].join(", ")}): their changes add up.`,
        ]
      : [],
  );
}

/** Refuses a file that is given twice, also under another name or in another folder: by what it holds. */
function refuseTwice(sets: readonly EditSet[], names: readonly string[]): void {
  const contents = sets.map(({ edits }) => JSON.stringify(edits.map(encodeSaved)));
  const again = contents.findIndex((content, i) => contents.indexOf(content) !== i);
  if (again < 0) return;
  const first = contents.indexOf(contents[again] as string);
  throw new RomeError(
    "input",
    `${names[first]} and ${names[again]} hold the same edits; together they would change the model twice. Name one of them.`,
  );
}

/** The edits of a batch were solved together; two batches of one layer, added, are no solution of anything. */
function refuseMixedBatches(sets: readonly EditSet[]): void {
  const layers = sets.flatMap(({ edits }) => [
    ...new Set(edits.filter(({ entry }) => entry.method === "batch").map(({ entry }) => entry.layer)),
  ]);
  const twice = layers.find((layer, i) => layers.indexOf(layer) !== i);
  if (twice !== undefined)
    throw new RomeError(
      "input",
      `Two of the files hold a batch update of layer ${twice}; a batch is solved as a whole. Make one batch of all its edits.`,
    );
}

/** A set without one of its edits; `input` error where none is called so. */
export function without(set: EditSet, name: string): EditSet {
  const gone = set.edits.find(({ entry }) => entry.name === name);
  if (!gone) {
    const known = set.edits.slice(0, 5).map(({ entry }) => entry.name);
    throw new RomeError(
      "input",
      `There is no edit ${JSON.stringify(name)} in the file. It holds ${known.join(", ")}${set.edits.length > 5 ? ", …" : ""}.`,
    );
  }
  const rest = set.edits.filter((edit) => edit !== gone);
  if (gone.entry.method === "rome") return { ...set, edits: rest };
  return { ...set, edits: rest.map((edit) => (inBatchWith(edit, gone) ? downdate(edit, gone) : edit)) };
}

function inBatchWith({ entry }: SavedEdit, { entry: other }: SavedEdit): boolean {
  return entry.method === "batch" && entry.layer === other.layer;
}

/**
 * The batch solution without one member, exactly (Sherman & Morrison 1950): with A = λC + KKᵀ and u_j = A⁻¹k_j,
 * (A − k_i k_iᵀ)⁻¹ k_j = u_j + u_i (k_iᵀu_j)/(1 − k_iᵀu_i).
 */
function downdate(edit: SavedEdit, gone: SavedEdit): SavedEdit {
  const key = gone.key as Float32Array;
  let [along, own] = [0, 0];
  for (let i = 0; i < key.length; i++) {
    along += (key[i] as number) * (edit.u[i] as number);
    own += (key[i] as number) * (gone.u[i] as number);
  }
  const factor = along / (1 - own);
  return { ...edit, u: edit.u.map((component, i) => component + factor * (gone.u[i] as number)) };
}

/** For the other processes. */
export function encodeSaved({ entry, u, r, delta, key }: SavedEdit): SavedEditData {
  const edit: EditData = { layer: entry.layer, u: encodeVector(u), r: encodeVector(r) };
  return { entry, edit, delta: encodeVector(delta), ...(key && { key: encodeVector(key) }) };
}

/** @param sizes lengths the model wants; `input` error for any other */
export function decodeSaved(data: SavedEditData, { inner, width }: { inner: number; width: number }): SavedEdit {
  if (data.entry.method === "batch" && data.key === undefined)
    throw new RomeError("input", `${data.entry.name} is of a batch, but comes without its key.`);
  return {
    entry: data.entry,
    u: decodeVector(data.edit.u, inner),
    r: decodeVector(data.edit.r, width),
    delta: decodeVector(data.delta, width),
    ...(data.key !== undefined && { key: decodeVector(data.key, inner) }),
  };
}
