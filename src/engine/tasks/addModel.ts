import type { Run } from "../../protocol/run.ts";
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
 * @throws RomeError "input" for what names no model; "network", "disk", "cancelled"; those of `addGguf`
 */
export async function addModel(
  { repository, revision }: { repository: string; revision?: string },
  storage: string,
  run: Run,
): Promise<AddedModel> {
  if (isGgufPath(repository)) return addGguf(repository, storage, run);
  const id = requireModelId(repository, revision);
  const model = formatModelId(id);
  return { model, name: model, folder: await download(id, run) };
}
