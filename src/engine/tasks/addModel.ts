import { download } from "../hub/download.ts";
import { formatModelId, requireModelId } from "../hub/modelId.ts";
import type { Run } from "../run/run.ts";

/**
 * Fetches a model of the Hub into the Hugging Face cache, going on where an earlier call stopped.
 *
 * @returns its name, with the revision where one was asked for, and its folder
 * @throws RomeError "input" for what names no model; "network", "disk", "cancelled"
 */
export async function addModel(
  { repository, revision }: { repository: string; revision?: string },
  run: Run,
): Promise<{ model: string; folder: string }> {
  const id = requireModelId(repository, revision);
  return { folder: await download(id, run), model: formatModelId(id) };
}
