import { readdir, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { unwritable } from "../files/atomicWrite.ts";
import { lock } from "../files/lock.ts";
import { RomeError } from "../run/errors.ts";
import { CachedModel, findSnapshot, sizeOf } from "./hubCache.ts";
import { formatModelId, type ModelId } from "./modelId.ts";

/**
 * Removes a model from the Hugging Face cache: the whole of it, or only one revision with the contents that no other
 * revision uses.
 *
 * @returns bytes freed
 * @throws RomeError ("input") where the cache does not have it; ("disk")
 */
export async function removeModel(id: ModelId): Promise<number> {
  const model = (await CachedModel.all()).find(({ repository }) => repository === id.repository);
  const snapshot = await findSnapshot(id);
  if (!model || (id.revision !== undefined && !snapshot))
    throw new RomeError("input", `${formatModelId(id)} is not in the cache. rome models lists what is.`);
  const release = await lock(model.lockFolder);
  try {
    const before = await bytesOf(model);
    if (id.revision === undefined || (await model.commits()).length === 1)
      await rm(model.folder, { recursive: true, force: true });
    else await removeSnapshot(model, snapshot as string);
    return before - (await bytesOf(model));
  } catch (cause) {
    throw unwritable(model.folder, cause);
  } finally {
    await release();
  }
}

async function removeSnapshot(model: CachedModel, snapshot: string): Promise<void> {
  for (const [ref, commit] of await model.refs()) if (commit === basename(snapshot)) await rm(model.refPath(ref));
  await rm(snapshot, { recursive: true });
  const used = new Set<string>();
  for (const commit of await model.commits()) {
    for (const entry of await readdir(join(model.snapshots, commit), { recursive: true, withFileTypes: true }))
      if (entry.isSymbolicLink()) used.add(basename(await readlink(join(entry.parentPath, entry.name))));
  }
  for (const blob of await readdir(model.blobs)) if (!used.has(blob)) await rm(join(model.blobs, blob));
}

/** Bytes of the contents kept for a model. */
async function bytesOf({ blobs }: CachedModel): Promise<number> {
  const names = await readdir(blobs).catch(() => [] as string[]);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(blobs, name))));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
