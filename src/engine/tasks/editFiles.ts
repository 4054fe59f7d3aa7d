import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { SavedAdapterData, SavedEditData } from "../../protocol/edit.ts";
import type { AdapterEntry, EditEntry } from "../../protocol/editEntry.ts";
import type { EditComparison, EditFile, ModelIdentity } from "../../protocol/editFile.ts";
import { RomeError } from "../../protocol/errors.ts";
import { compareEdits as compare } from "../edits/compare.ts";
import { readEditFile, requireEditFile, writeEditFile } from "../edits/editFile.ts";
import {
  combine,
  decodeSaved,
  differencesOf,
  type EditSet,
  encodeSaved,
  identityOf,
  repeated,
  requireFitting,
  without,
} from "../edits/editSet.ts";
import type { Engine } from "./engine.ts";

/** What a file of edits holds, without the vectors. */
export interface EditList {
  readonly model: ModelIdentity;
  readonly edits: readonly (EditEntry | AdapterEntry)[];
}

/** The edits of all files as one set; `input` error where they are of different models. */
export async function readSets(files: readonly string[]): Promise<EditSet> {
  return combine(await Promise.all(files.map((file) => readEditFile(resolve(file)))), files);
}

/** The same, for the open model. */
export async function readFittingSets(engine: Engine, files: readonly string[]): Promise<EditSet> {
  const set = await readSets(files);
  const { rome, name } = await engine.open();
  requireFitting(set, identityOf(rome.model, name), files.join(", "));
  return set;
}

/** What to know of these files together: subjects that several of their edits are about. */
export async function notesOn(files: readonly string[]): Promise<string[]> {
  return repeated(await readSets(files));
}

export const listOf = ({ model, edits }: EditSet): EditList => ({ model, edits: edits.map(({ entry }) => entry) });

/** What files hold together. */
export async function listEdits(files: readonly string[]): Promise<EditList> {
  return listOf(await readSets(files));
}

/**
 * Makes sure, before the edits of these subjects are made, that they can be saved in a file.
 *
 * @throws RomeError "input" for a subject named twice, or something else that is there; "disk"
 */
export async function requireSavable(file: string, subjects: readonly string[]): Promise<void> {
  const names = subjects.map((subject) => subject.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new RomeError(
      "input",
      `${JSON.stringify(twice)} is named twice; a file holds one edit of a name. Name each once.`,
    );
  await requireEditFile(resolve(file));
}

/** Writes edits of the open model into a `.romedit` file; whether that replaced another edit file. */
export async function saveEdits(
  engine: Engine,
  { file, edits }: { file: string; edits: readonly (SavedEditData | SavedAdapterData)[] },
): Promise<{ replaced: boolean }> {
  const { rome, name } = await engine.open();
  const replaced = await stat(resolve(file)).then(
    ({ size }) => size > 0,
    () => false,
  );
  await writeEditFile(resolve(file), {
    model: identityOf(rome.model, name),
    edits: edits.map((edit) => decodeSaved(edit, rome.model.size)),
  });
  return { replaced };
}

/** Reads a `.romedit` file, and tells whether it fits the open model. */
export async function readEdits(engine: Engine, { file }: { file: string }): Promise<EditFile> {
  const { rome, name } = await engine.open();
  const { model, edits } = await readEditFile(resolve(file));
  return {
    file,
    model,
    differences: differencesOf(model, identityOf(rome.model, name)),
    edits: edits.map((saved) => encodeSaved(saved)),
  };
}

/** Sets two `.romedit` files side by side. */
export async function compareEdits({ files: [first, second] }: { files: [string, string] }): Promise<EditComparison> {
  return compare(await readEditFile(resolve(first)), await readEditFile(resolve(second)));
}

/** Joins files of the same model into one. */
export async function combineEdits(files: readonly string[], out: string): Promise<EditList> {
  await requireEditFile(resolve(out));
  const set = await readSets(files);
  await writeEditFile(resolve(out), set);
  return listOf(set);
}

/** Takes one edit out of a file, into `out` or the same file; the others of a batch update are solved anew without it. */
export async function undoEdit(file: string, name: string, out = file): Promise<EditList> {
  const set = without(await readEditFile(resolve(file)), name);
  await writeEditFile(resolve(out), set);
  return listOf(set);
}
