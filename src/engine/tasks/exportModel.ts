import { join } from "node:path";
import type { Run } from "../../protocol/run.ts";
import { writeEditFile } from "../edits/editFile.ts";
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
  const live = set.edits.map(({ entry, u, r }) => ({ layer: entry.layer, u, r }));
  const exported = await write(model, live, out, run);
  // So that whoever has the folder can see what was done to it.
  await writeEditFile(join(exported.folder, "edits.romedit"), set);
  return { ...exported, edits: set.edits.length };
}
