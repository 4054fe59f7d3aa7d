import { randomBytes } from "node:crypto";
import {
  access,
  constants,
  type FileHandle,
  lstat,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { RomeError } from "../../protocol/errors.ts";

const causes: Record<string, string> = {
  ENOSPC: "the disk is full. Free some space and try again",
  EDQUOT: "your disk quota is used up. Free some space and try again",
  EACCES: "your user may not write there. Choose another folder or change its rights",
  EPERM: "your user may not write there. Choose another folder or change its rights",
  EROFS: "the disk is read-only. Choose another folder",
  ENOENT: "its folder does not exist. Make the folder first",
  ENOTDIR: "what should be its folder is a file. Choose another folder",
  ENAMETOOLONG: "its name is too long. Choose a shorter one",
  EISDIR: "there is a folder of that name. Choose another name",
  ELOOP: "it is a link that leads to itself. Choose another name",
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

/** Bytes of a file: behind those before, or at a place of their own. */
export type Chunk = Uint8Array | { readonly bytes: Uint8Array; readonly at: number };

/**
 * Writes a file whole or not at all: under a temporary name in the same folder, flushed to the disk, then renamed
 * over `path`. Whoever reads `path` sees the old contents or the new, never a part. A link is followed, and a file
 * that is replaced hands on its mode; what is no file (a device, a pipe) or may not be written is never replaced.
 * Failures are RomeErrors ("disk"), and leave nothing behind.
 */
export async function writeAtomically(path: string, chunks: Iterable<Chunk> | AsyncIterable<Chunk>): Promise<void> {
  const { path: target, mode } = await destinationOf(path);
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      if (mode !== undefined) await handle.chmod(mode);
      for await (const chunk of chunks) {
        if (chunk instanceof Uint8Array) await writeAll(handle, chunk);
        else await writeAll(handle, chunk.bytes, chunk.at);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
  await syncFolder(dirname(target));
}

/**
 * Where a file of this path would be written: behind its links, even where the last one leads to nothing yet.
 *
 * @returns the place, and the mode of the file that is there
 * @throws RomeError ("disk") for what is there and is no file, or may not be written
 */
export async function destinationOf(path: string): Promise<{ readonly path: string; readonly mode?: number }> {
  try {
    const target = await behindLinks(path);
    const seen = await stat(target).catch(() => undefined);
    if (!seen) return { path: target };
    if (seen.isDirectory()) throw unwritable(path, { code: "EISDIR" });
    if (!seen.isFile()) throw new RomeError("disk", `${path} is a device or a pipe, not a file. Choose another name.`);
    await access(target, constants.W_OK);
    return { path: target, mode: seen.mode & 0o7777 };
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function behindLinks(path: string, links = 0): Promise<string> {
  const seen = await lstat(path).catch(() => undefined);
  if (!seen?.isSymbolicLink()) return path;
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return real;
  if (links === 40) throw Object.assign(new Error("Too many links."), { code: "ELOOP" });
  return behindLinks(resolve(dirname(path), await readlink(path)), links + 1);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** @param at place in the file; left out: behind what was written without one */
async function writeAll(handle: FileHandle, chunk: Uint8Array, at?: number): Promise<void> {
  // One write call takes less than 2 GiB.
  for (let done = 0; done < chunk.length; ) {
    const part = chunk.subarray(done, done + 2 ** 26);
    const { bytesWritten } = await handle.write(part, 0, part.length, at === undefined ? null : at + done);
    done += bytesWritten;
  }
}

/** Makes the rename durable where the system can do that; Windows cannot open a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
