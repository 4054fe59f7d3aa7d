import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RomeError } from "../run/errors.ts";

const causes: Record<string, string> = {
  ENOSPC: "the disk is full. Free some space and try again",
  EDQUOT: "your disk quota is used up. Free some space and try again",
  EACCES: "your user may not write there. Choose another folder or change its rights",
  EPERM: "your user may not write there. Choose another folder or change its rights",
  EROFS: "the disk is read-only. Choose another folder",
  ENOENT: "its folder does not exist. Make the folder first",
  ENOTDIR: "its folder does not exist. Make the folder first",
  EISDIR: "there is a folder of that name. Choose another name",
  EFBIG: "the file system cannot hold so large a file. Choose another disk",
};

/** The `disk` error for a path that could not be written. */
export function unwritable(path: string, cause: unknown): RomeError {
  if (RomeError.is(cause)) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown error";
  return new RomeError("disk", `${path} could not be written: ${causes[code] ?? `the system said ${code}`}.`, {
    cause,
  });
}

/**
 * Writes a file whole or not at all: under a temporary name in the same folder, flushed to the disk, then renamed
 * over `path`. Whoever reads `path` sees the old contents or the new, never a part. Failures are RomeErrors ("disk"),
 * and leave nothing behind.
 */
export async function writeAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      for await (const chunk of chunks) await writeAll(handle, chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
  await syncFolder(dirname(path));
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  // One write call takes less than 2 GiB.
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk.subarray(done, done + 2 ** 26));
    done += bytesWritten;
  }
}

/** Makes the rename durable where the system can do that; Windows cannot open a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
