import { join } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { writeEditFile } from "../edits/editFile.ts";
import { isAdapter, liveOf } from "../edits/editSet.ts";
import { type Exported, exportModel as write } from "../export/exportModel.ts";
import { readFittingSets } from "./editFiles.ts";
import type { Engine } from "./engine.ts";

/** Writes the open model with the edits of `.romedit` files in its weights, as a Hugging Face folder. */
export async function exportModel(
  engine: Engine,
  { files, out }: { files: readonly string[]; out: string },
  run: Run,
): Promise<Exported & { readonly edits: number }> {
  const set = await readFittingSets(engine, files);
  const { model } = (await engine.open()).rome;
  const vector = set.edits.find(isAdapter);
  if (vector)
    throw new RomeError(
      "input",
      `${vector.entry.name} is a vector that is ${vector.entry.kind === "steer" ? "added to" : "taken out of"} what the model computes, no change of a weight, so it cannot be written into a model's weights. Take it out of the file with rome edits undo, or write a vector with rome export --control-vector.`,
    );
  const live = set.edits.map(liveOf);
  const exported = await write(model, live, out, run);
  // So that whoever has the folder can see what was done to it.
  await writeEditFile(join(exported.folder, "edits.romedit"), set);
  return { ...exported, edits: set.edits.length };
}
