import type { SavedAdapterData, SavedEditData } from "../../protocol/edit.ts";
import type { AdapterEntry, EditEntry } from "../../protocol/editEntry.ts";
import type { ModelIdentity } from "../../protocol/editFile.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Model } from "../model/model.ts";
import { decodeEdit, decodeVector, encodeEdit, encodeVector, type LiveEdit } from "../rome/edit.ts";

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

/** A vector that is added to what a layer writes or taken out of it, with all that a file keeps of it. */
export interface SavedAdapter {
  readonly entry: AdapterEntry;
  /** What an erasure reads [d]; empty for a vector that is added. */
  readonly u: Float32Array;
  /** [d] */
  readonly r: Float32Array;
}

export type Saved = SavedEdit | SavedAdapter;

export function isAdapter(saved: Saved): saved is SavedAdapter {
  return "kind" in saved.entry;
}

/** Edits of one model, and vectors beside them, in the order they were made. */
export interface EditSet {
  readonly model: ModelIdentity;
  readonly edits: readonly Saved[];
}

/** What running it takes. */
export function liveOf(saved: Saved): LiveEdit {
  const { u, r } = saved;
  if (!isAdapter(saved)) return { layer: saved.entry.layer, u, r };
  const { entry } = saved;
  const { layer, at } = entry;
  return entry.kind === "steer"
    ? { layer, u, r, constant: entry.scale, at }
    : { layer, u, r, reads: "output", constant: entry.offset, at };
}

/** The edits of a set that are changes of a weight. */
export function weightEdits({ edits }: EditSet): SavedEdit[] {
  return edits.filter((saved): saved is SavedEdit => !isAdapter(saved));
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
      return isAdapter(edit)
        ? { ...edit, entry: { ...edit.entry, name } }
        : { ...edit, entry: { ...edit.entry, name } };
    });
  return { model: first.model, edits };
}

/** A word on each subject that several edits of a set are about: on the model, their updates are added. */
export function repeated(set: EditSet): string[] {
  const names = new Map<string, string[]>();
  for (const { entry } of weightEdits(set)) {
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
  const layers = sets.flatMap((set) => [
    ...new Set(weightEdits(set).flatMap(({ entry }) => (entry.method === "batch" ? [entry.layer] : []))),
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
  if (isAdapter(gone) || gone.entry.method === "rome") return { ...set, edits: rest };
  return {
    ...set,
    edits: rest.map((edit) => (!isAdapter(edit) && inBatchWith(edit, gone) ? downdate(edit, gone) : edit)),
  };
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
export function encodeSaved(saved: SavedEdit): SavedEditData;
export function encodeSaved(saved: SavedAdapter): SavedAdapterData;
export function encodeSaved(saved: Saved): SavedEditData | SavedAdapterData;
export function encodeSaved(saved: Saved): SavedEditData | SavedAdapterData {
  const edit = encodeEdit(liveOf(saved));
  if (isAdapter(saved)) return { entry: saved.entry, edit };
  const { entry, delta, key } = saved;
  return { entry, edit, delta: encodeVector(delta), ...(key && { key: encodeVector(key) }) };
}

type Sizes = Pick<ModelIdentity, "inner" | "width" | "layers">;

/** @param sizes lengths the model wants; `input` error for any other */
export function decodeSaved(data: SavedEditData, sizes: Sizes): SavedEdit;
export function decodeSaved(data: SavedEditData | SavedAdapterData, sizes: Sizes): Saved;
export function decodeSaved(data: SavedEditData | SavedAdapterData, sizes: Sizes): Saved {
  const { u, r } = decodeEdit(data.edit, sizes);
  if ("kind" in data.entry) return { entry: data.entry, u, r };
  const { entry, delta, key } = data as SavedEditData;
  if (entry.method === "batch" && key === undefined)
    throw new RomeError("input", `${entry.name} is of a batch, but comes without its key.`);
  return {
    entry,
    u,
    r,
    delta: decodeVector(delta, sizes.width),
    ...(key !== undefined && { key: decodeVector(key, sizes.inner) }),
  };
}
