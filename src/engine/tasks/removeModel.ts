import { RomeError } from "../../protocol/errors.ts";
import { isGgufPath, removeUnpacked, unpackedName } from "../gguf/unpacked.ts";
import { formatModelId, requireModelId } from "../hub/modelId.ts";
import { removeModel as remove } from "../hub/remove.ts";

/**
 * Removes a model from the Hugging Face cache, or one revision of it; or what was unpacked from a GGUF file, which itself
 * stays.
 *
 * @returns its name and the bytes that were freed
 * @throws RomeError "input" for what names no model, "data" for one in use
 */
export async function removeModel(
  { repository, revision }: { repository: string; revision?: string },
  storage: string,
): Promise<{ model: string; bytes: number }> {
  if (isGgufPath(repository)) {
    const removed = await removeUnpacked(repository, storage);
    if (removed) return { model: unpackedName(removed.source), bytes: removed.bytes };
    throw new RomeError("input", `Nothing was unpacked from ${repository}. rome models lists what is there.`);
  }
  const id = requireModelId(repository, revision);
  return { bytes: await remove(id), model: formatModelId(id) };
}
