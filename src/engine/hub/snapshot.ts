import { randomBytes } from "node:crypto";
import { link, lstat, readdir, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import { unwritable } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { type CachedModel, sizeOf } from "./hubCache.ts";
import type { HubFile } from "./repository.ts";

/** The files of one commit in the cache. */
export class Snapshot {
  readonly folder: string;

  constructor(
    readonly model: CachedModel,
    commit: string,
  ) {
    this.folder = join(model.snapshots, commit);
  }

  /** Where the contents of a file go. */
  blobPath(file: HubFile): string {
    return join(this.model.blobs, file.hash);
  }

  /** Where a file's contents are, if they are there whole: in the snapshot or among the blobs. */
  async locate(file: HubFile): Promise<string | undefined> {
    for (const path of [join(this.folder, file.path), this.blobPath(file)])
      if ((await sizeOf(path)) === file.size) return path;
    return undefined;
  }

  /** The same for a file that has been fetched. */
  async require(file: HubFile): Promise<string> {
    const path = await this.locate(file);
    if (path) return path;
    throw new RomeError("disk", `${this.blobPath(file)} is gone again. Is another program clearing the cache?`);
  }

  /**
   * Makes the snapshot visible with these files, all of whose blobs are there: a new one at once, one that Python
   * began by adding what it lacks, in the order given.
   */
  async publish(files: readonly HubFile[]): Promise<void> {
    // As deep as the snapshot itself, so that its relative links stay right when it is renamed.
    const staging = join(this.model.folder, `.staging-${process.pid}-${randomBytes(4).toString("hex")}`, "new");
    try {
      const isNew = (await readdir(this.folder).catch(() => undefined)) === undefined;
      const target = isNew ? staging : this.folder;
      await makeFolder(target);
      for (const file of files) {
        if ((await sizeOf(join(this.folder, file.path))) === file.size) continue;
        await rm(join(target, file.path), { force: true });
        await linkTo(this.blobPath(file), join(target, file.path));
      }
      if (isNew) {
        await makeFolder(dirname(this.folder));
        await rename(staging, this.folder);
      }
    } catch (cause) {
      throw RomeError.is(cause) ? cause : unwritable(this.folder, cause);
    } finally {
      await rm(dirname(staging), { recursive: true, force: true });
    }
  }
}

/** A relative symbolic link as Python makes it; where the system allows none (Windows), a second name of the file. */
async function linkTo(blob: string, path: string): Promise<void> {
  try {
    await symlink(relative(dirname(path), blob), path);
  } catch (error) {
    if ((await lstat(path).catch(() => undefined)) !== undefined) throw error;
    await link(blob, path);
  }
}
