import type { EditData } from "../../protocol/edit.ts";
import { liveOf } from "../edits/editSet.ts";
import { decodeEdit, type LiveEdit } from "../rome/edit.ts";
import { readFittingSets } from "./editFiles.ts";
import type { Engine } from "./engine.ts";

/** Edits that are on: those of the host, and those of `.romedit` files. */
export async function liveEdits(
  engine: Engine,
  { edits = [], files = [] }: { readonly edits?: readonly EditData[]; readonly files?: readonly string[] },
): Promise<LiveEdit[]> {
  const { model } = (await engine.open()).rome;
  const ofFiles = files.length > 0 ? (await readFittingSets(engine, files)).edits : [];
  return [...edits.map((edit) => decodeEdit(edit, model.size)), ...ofFiles.map(liveOf)];
}
