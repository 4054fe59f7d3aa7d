import { stat } from "node:fs/promises";
import { RomeError } from "../../protocol/errors.ts";
import { cacheOf } from "../checkpoint/fingerprint.ts";
import { openCheckpoint } from "../checkpoint/openCheckpoint.ts";
import { isGgufPath, removeUnpacked, type Unpacked, unpackedAt, unpackedName } from "../gguf/unpacked.ts";
import { formatModelId, requireModelId } from "../hub/modelId.ts";
import { removeModel as remove } from "../hub/remove.ts";

/** A model that was removed. */
export interface RemovedModel {
  readonly model: string;
  /** Bytes that were freed. */
  readonly bytes: number;
  /** Folders of what was made of it here (its preparation, covariance, contexts), which stay: they took longer. */
  readonly kept?: readonly string[];
}

/**
 * Removes a model from the Hugging Face cache, or one revision of it; or what was unpacked from a GGUF file, which itself
 * stays.
 *
 * @throws RomeError "input" for what names no model, "data" for one in use
 */
export async function removeModel(
  { repository, revision }: { repository: string; revision?: string },
  storage: string,
): Promise<RemovedModel> {
  if (isGgufPath(repository)) {
    const found = await unpackedAt(repository, storage);
    const [first] = found;
    if (!first)
      throw new RomeError("input", `Nothing was unpacked from ${repository}. rome models lists what is there.`);
    const kept = (await Promise.all(found.map((model) => madeOf(model, storage)))).flat();
    let bytes = 0;
    for (const model of found) bytes += await removeUnpacked(model, storage);
    return { model: unpackedName(first.source), bytes, kept };
  }
  const id = requireModelId(repository, revision);
  return { bytes: await remove(id), model: formatModelId(id) };
}

/** The folder of what was made of a model here; none for a model that cannot be opened, or of which nothing was made. */
async function madeOf({ folder }: Unpacked, storage: string): Promise<string[]> {
  const checkpoint = await openCheckpoint(folder).catch(() => undefined);
  const made = checkpoint && cacheOf(storage, checkpoint.fingerprint);
  return made !== undefined && (await stat(made).catch(() => undefined)) ? [made] : [];
}
