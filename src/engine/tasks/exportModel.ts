import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { writeEditFile } from "../edits/editFile.ts";
import { type EditSet, isAdapter, liveOf, weightEdits } from "../edits/editSet.ts";
import { editedCard } from "../export/editedCard.ts";
import { type Exported, nameBeside, planExport as plan, exportModel as write } from "../export/exportModel.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { readFittingSets } from "./editFiles.ts";
import type { Engine } from "./engine.ts";
import { versionOf } from "./version.ts";

/** The edits of `.romedit` files, and the folder to make. */
interface Request {
  readonly files: readonly string[];
  readonly out: string;
}

/** What `exportModel` is going to write, checked before anything is written. */
export async function planExport(engine: Engine, { files, out }: Request): Promise<Exported> {
  const set = await readWritable(engine, files);
  return plan((await engine.open()).rome.model, set.edits.map(liveOf), out);
}

/** Writes the open model with the edits of `.romedit` files in its weights, as a Hugging Face folder with its own card. */
export async function exportModel(
  engine: Engine,
  { files, out }: Request,
  run: Run,
): Promise<Exported & { readonly edits: number }> {
  const set = await readWritable(engine, files);
  const exported = await write((await engine.open()).rome.model, set.edits.map(liveOf), out, run);
  // So that whoever has the folder can see what was done to it.
  await writeEditFile(join(exported.folder, "edits.romedit"), set);
  await writeCard(exported, set, versionOf(engine.options.assetsFolder));
  return { ...exported, edits: set.edits.length };
}

async function readWritable(engine: Engine, files: readonly string[]): Promise<EditSet> {
  const set = await readFittingSets(engine, files);
  const vector = set.edits.find(isAdapter);
  if (vector)
    throw new RomeError(
      "input",
      `${vector.entry.name} is a vector that is ${vector.entry.kind === "steer" ? "added to" : "taken out of"} what the model computes, no change of a weight, so it cannot be written into a model's weights. Take it out of the file with rome edits undo, or write a vector with rome export --control-vector.`,
    );
  return set;
}

/** Writes the card of what was exported; that of the source lies beside it. */
async function writeCard({ folder, changed }: Exported, set: EditSet, version: string): Promise<void> {
  const file = nameBeside("README.md");
  const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
  const original = text === undefined ? undefined : { text, file };
  const edits = weightEdits(set).map(({ entry }) => entry);
  const card = editedCard({ model: set.model, edits, changed, version, original });
  await writeAtomically(join(folder, "README.md"), [Buffer.from(card)]);
}
