import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { shellWord } from "../../text/shell.ts";
import { isGgufPath } from "../gguf/unpacked.ts";
import { download } from "../hub/download.ts";
import { formatModelId, requireModelId } from "../hub/modelId.ts";
import { type AddedModel, addGguf } from "./addGguf.ts";

/**
 * Fetches a model of the Hub into the Hugging Face cache, or unpacks a GGUF file into the program's storage; both go on
 * where an earlier call stopped.
 *
 * @param repository the Hub's name for it, or the path of a GGUF file
 * @returns it; a model of the Hub goes by its name there, with the revision where one was asked for
 * @throws RomeError "input" for what names no model, and for a folder, which needs no adding; "network", "disk", "cancelled"; those of `addGguf`
 */
export async function addModel(
  { repository, revision }: { repository: string; revision?: string },
  storage: string,
  run: Run,
): Promise<AddedModel> {
  const there = await stat(repository).catch(() => undefined);
  if (there?.isDirectory())
    throw new RomeError(
      "input",
      `${resolve(repository)} is a folder and is used as it is: rome --model ${shellWord(repository)} …`,
    );
  if (isGgufPath(repository)) return addGguf(repository, storage, run);
  const id = requireModelId(repository, revision);
  const model = formatModelId(id);
  return { model, name: model, folder: await download(id, run) };
}
