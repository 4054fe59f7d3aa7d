import type { Call } from "../../protocol/engine.ts";
import { unwritable } from "../files/atomicWrite.ts";
import { requireSpace } from "../files/diskSpace.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { fetchBlob, incompletePath } from "./blob.ts";
import type { HubConnection } from "./connection.ts";
import { sizeOf } from "./hubCache.ts";
import type { HubFile } from "./repository.ts";
import type { Snapshot } from "./snapshot.ts";

/** Milliseconds between reports of progress. */
const interval = 100;

/** Brings the blobs of these files that are not there yet, after seeing that the disk has room for them. */
export async function fetchFiles(
  connection: HubConnection,
  snapshot: Snapshot,
  files: readonly HubFile[],
  progress: Call["progress"],
): Promise<void> {
  const missing: HubFile[] = [];
  for (const file of files) if (!(await snapshot.locate(file))) missing.push(file);
  await checkSpace(snapshot, missing);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let before = total - missing.reduce((sum, { size }) => sum + size, 0);
  let last = 0;
  const report = (phase: string, done: number, of: number) => {
    if (performance.now() - last < interval && done < of) return;
    last = performance.now();
    progress({ phase, done, total: of });
  };
  for (const file of missing) {
    await fetchBlob(connection, file, snapshot.blobPath(file), {
      arrived: (bytes) => report("download", before + bytes, total),
      checked: (bytes) => report("check", bytes, file.size),
    });
    before += file.size;
  }
}

/** @throws RomeError ("disk") if the files do not fit beside what is there */
async function checkSpace(snapshot: Snapshot, missing: readonly HubFile[]): Promise<void> {
  const { model } = snapshot;
  await makeFolder(model.blobs).catch((cause) => {
    throw unwritable(model.blobs, cause);
  });
  let needed = 0;
  for (const file of missing)
    needed += file.size - Math.min(file.size, (await sizeOf(incompletePath(snapshot.blobPath(file)))) ?? 0);
  const advice = "Free some space, or set HF_HUB_CACHE to a folder on a larger disk.";
  await requireSpace(model.blobs, needed, `${model.repository} still takes`, advice);
}
