import { mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import * as v from "valibot";
import { unwritable, writeAtomically } from "./atomicWrite.ts";

const ownerSchema = v.pipe(v.string(), v.parseJson(), v.object({ pid: v.number(), host: v.literal(hostname()) }));

/**
 * Takes the lock of a folder, which is made if it is not there. A lock whose owner on this machine is dead is taken
 * over at once, any other after ten seconds without a sign of life.
 *
 * @returns what gives it back
 * @throws RomeError ("disk") if the folder cannot be written; the library's error where another process has the lock
 */
export async function lock(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw unwritable(folder, cause);
  });
  const owner = join(folder, "owner.json");
  const last = v.safeParse(ownerSchema, await readFile(owner, "utf8").catch(() => undefined));
  if (last.success && !isAlive(last.output.pid)) await rm(`${folder}.lock`, { recursive: true, force: true });
  // A lock lost while the machine slept must not end the process: what is locked here stays whole without it too.
  const options = { stale: 10_000, update: 2_000, realpath: false, onCompromised: () => {} };
  const release = await lockfile.lock(folder, options);
  await writeAtomically(owner, [Buffer.from(JSON.stringify({ pid: process.pid, host: hostname() }))]);
  return async () => {
    await rm(owner, { force: true });
    await release().catch(() => undefined);
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
