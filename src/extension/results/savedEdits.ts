import type { SavedEditData } from "../../protocol/edit.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { LiveEdit } from "./editStore.ts";
import type { ResultStore } from "./resultStore.ts";

/**
 * Live edits with all that a file keeps of them: of flips from their cards, of files read again. The vector written for
 * a name was never solved and has no such record; its names are in `leftOut`.
 */
export async function savedEdits(
  edits: readonly LiveEdit[],
  results: Pick<ResultStore, "find">,
  engine: Pick<EngineClient, "request">,
): Promise<{ saved: SavedEditData[]; leftOut: string[] }> {
  const saved: SavedEditData[] = [];
  const leftOut: string[] = [];
  const files = new Map<string, SavedEditData[]>();
  for (const { id, name, file } of edits) {
    if (file !== undefined) {
      if (!files.has(file)) {
        const { edits: all } = await engine.request("readEdits", { file });
        files.set(
          file,
          all.filter((one): one is SavedEditData => "edit" in one),
        );
      }
      const one = files.get(file)?.find(({ entry }) => entry.name === name);
      if (one) saved.push(one);
      continue;
    }
    const card = results.find(id);
    if (card?.kind === "flip" && card.body.state === "done") saved.push(card.body.result.saved);
    else leftOut.push(name);
  }
  return { saved, leftOut };
}
