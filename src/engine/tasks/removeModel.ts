import { formatModelId, requireModelId } from "../hub/modelId.ts";
import { removeModel as remove } from "../hub/remove.ts";

/**
 * Removes a model from the Hugging Face cache, or one revision of it.
 *
 * @returns its name and the bytes that were freed
 * @throws RomeError "input" for what names no model, "data" for one in use
 */
export async function removeModel(repository: string, revision?: string): Promise<{ model: string; bytes: number }> {
  const id = requireModelId(repository, revision);
  return { bytes: await remove(id), model: formatModelId(id) };
}
