import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import { unwritable } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { type HubConnection, reasonOf } from "./connection.ts";
import { sizeOf } from "./hubCache.ts";
import { PassingError, persistently } from "./persistence.ts";
import type { HubFile } from "./repository.ts";

/** Told of what arrives: bytes of the file that are there, and bytes of it that have been checked. */
export interface BlobProgress {
  readonly arrived: (bytes: number) => void;
  readonly checked: (bytes: number) => void;
}

/**
 * Brings a file's contents to `path`. They grow in `path`.incomplete, where an earlier attempt is continued, by this
 * program or by Python; they take their name only once the disk's own bytes have been read back and have the hash that
 * the Hub gave. A part that turns out damaged is fetched anew, once.
 *
 * @throws RomeError ("network", "disk", "cancelled"); what has arrived is kept unless it is damaged
 */
export async function fetchBlob(
  connection: HubConnection,
  file: HubFile,
  path: string,
  progress: BlobProgress,
): Promise<void> {
  const incomplete = incompletePath(path);
  const { signal } = connection.patience;
  for (let attempt = 1; ; attempt++) {
    await receive(connection, file, incomplete, progress);
    if ((await hashOf(incomplete, file, progress, signal)) === file.hash) break;
    await rm(incomplete, { force: true });
    if (attempt === 2)
      throw new RomeError(
        "network",
        `${file.path} arrived damaged twice: its checksum is not the one that ${connection.endpoint} gives. Try again later, or another mirror.`,
      );
  }
  await rename(incomplete, path).catch((cause) => {
    throw unwritable(path, cause);
  });
}

export function incompletePath(path: string): string {
  return `${path}.incomplete`;
}

/** Appends to the file until it has its size. */
async function receive(
  connection: HubConnection,
  file: HubFile,
  incomplete: string,
  { arrived }: BlobProgress,
): Promise<void> {
  const refuse = (cause: unknown) => {
    throw unwritable(incomplete, cause);
  };
  await makeFolder(dirname(incomplete)).catch(refuse);
  const handle: FileHandle = await open(incomplete, "a").catch(refuse);
  try {
    let position = (await handle.stat()).size;
    const restart = async () => {
      await handle.truncate(0).catch(refuse);
      position = 0;
    };
    if (position > file.size) await restart();
    const attempt = async () => {
      arrived(position);
      if (position === file.size) return;
      const range = position > 0 ? { Range: `bytes=${position}-` } : undefined;
      const headers = { "Accept-Encoding": "identity", ...range };
      const response = await connection.requestOnce(file.path, file.url, headers);
      // Without a Range in its answer a server sends the file from its start.
      if (position > 0 && !continues(response, position)) await restart();
      try {
        for await (const chunk of response.body ?? []) {
          if (position + chunk.length > file.size) throw new PassingError(`${file.path} came longer than it is`);
          await handle.appendFile(chunk).catch(refuse);
          position += chunk.length;
          arrived(position);
        }
      } catch (error) {
        if (error instanceof PassingError) await restart();
        if (error instanceof PassingError || RomeError.is(error)) throw error;
        throw new PassingError(`The connection broke while ${file.path} arrived (${reasonOf(error)})`);
      }
      if (position < file.size) throw new PassingError(`The connection ended while ${file.path} arrived`);
    };
    await persistently(attempt, connection.patience, () => position);
    await handle.sync().catch(refuse);
  } finally {
    await handle.close();
  }
}

function continues(response: Response, position: number): boolean {
  return response.status === 206 && (response.headers.get("content-range") ?? "").startsWith(`bytes ${position}-`);
}

/** The hash of a file on the disk, of the kind that the Hub names it by (hex). */
async function hashOf(
  path: string,
  { size, hash }: HubFile,
  { checked }: BlobProgress,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if ((await sizeOf(path)) !== size) return undefined;
  const digest = hash.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
  let done = 0;
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 2 ** 20 }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          digest.update(chunk);
          done += chunk.length;
          checked(done);
        }
      },
      { signal },
    );
  } catch (error) {
    throwIfCancelled(signal);
    throw new RomeError("disk", `${path} cannot be read back (${reasonOf(error)}). Check the disk, then try again.`);
  }
  return digest.digest("hex");
}
