import { readdir, readlink, realpath, rm } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import { unwritable } from "../files/atomicWrite.ts";
import { lock } from "../files/lock.ts";
import { CachedModel, findSnapshot, sizeOf } from "./hubCache.ts";
import { formatModelId, type ModelId } from "./modelId.ts";
import { cacheFolder } from "./places.ts";

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
  for (const folder of [model.folder, model.blobs, model.snapshots, snapshot, join(model.folder, "refs")])
    await refuseLinkOut(folder);
  for (const [ref, commit] of await model.refs()) if (commit === basename(snapshot)) await rm(model.refPath(ref));
  await rm(snapshot, { recursive: true });
  const used = new Set<string>();
  for (const commit of await model.commits()) {
    for (const entry of await readdir(join(model.snapshots, commit), { recursive: true, withFileTypes: true }))
      if (entry.isSymbolicLink()) used.add(basename(await readlink(join(entry.parentPath, entry.name))));
  }
  for (const blob of await readdir(model.blobs)) if (!used.has(blob)) await rm(join(model.blobs, blob));
}

/** What lies behind a link out of the cache is not the cache's to remove. */
async function refuseLinkOut(folder: string): Promise<void> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined || real.startsWith((await realpath(cacheFolder())) + sep)) return;
  throw new RomeError(
    "input",
    `${folder} is a link out of the cache, to ${real}. Remove the link by hand; nothing was removed.`,
  );
}

/** Bytes of the contents kept for a model. */
async function bytesOf({ blobs }: CachedModel): Promise<number> {
  const names = await readdir(blobs).catch(() => [] as string[]);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(blobs, name))));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
