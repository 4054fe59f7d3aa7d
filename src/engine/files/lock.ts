import { randomUUID } from "node:crypto";
import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as v from "valibot";
import { type Reason, RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { unwritable } from "./atomicWrite.ts";
import { makeFolder } from "./makeFolder.ts";
import { fateOf, ownProcess } from "./process.ts";

const ownerSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    pid: v.number(),
    host: v.string(),
    space: v.string(),
    started: v.string(),
    since: v.pipe(v.string(), v.isoTimestamp()),
    token: v.string(),
  }),
);
type Owner = v.InferOutput<typeof ownerSchema>;

/** Milliseconds between two signs of life, and without one until an owner that cannot be asked counts as dead. */
const beat = 2_000;
const silence = 10_000;
const glance = 250;

/** A lock's file as it was seen: two of the same are of an owner that gave no sign of life in between. */
interface Sight {
  readonly path: string;
  readonly owner: Owner | undefined;
  readonly mark: string;
}

export interface LockOptions {
  /** Of the error where another process has the lock. */
  readonly reason?: Reason;
  /** Waits until the lock is free, instead of that error; progress under `phase` says who has it. */
  readonly wait?: Pick<Run, "progress"> & Partial<Pick<Run, "signal">> & { readonly phase: string };
}

/**
 * Takes the lock of a folder, which is made if it is not there. The lock is a file within the folder, so that all paths
 * to the folder lead to one lock. That of a dead owner is taken over: at once where the owner was a process of this
 * machine, else once it has given no sign of life for ten seconds, told by this process' own clock and not by the time
 * that the file bears.
 *
 * @returns what gives it back
 * @throws RomeError `reason` ("disk" if none is given) where another process has the lock, with who and since when;
 * "disk" if the folder cannot be written; "cancelled"
 */
export async function lock(folder: string, options: LockOptions = {}): Promise<() => Promise<void>> {
  const { reason = "disk", wait } = options;
  const path = join(folder, ".lock");
  await makeFolder(folder).catch((cause) => {
    throw unwritable(folder, cause);
  });
  for (let first: { sight: Sight; at: number } | undefined; ; ) {
    throwIfCancelled(wait?.signal);
    const release = await take(path);
    if (release) return release;
    const sight = await look(path);
    if (!sight) continue;
    const fate = sight.owner ? fateOf(sight.owner) : "unknown";
    if (first?.sight.mark !== sight.mark) {
      // A sign of life since the first look.
      const alive = fate === "alive" || (first !== undefined && first.sight.owner?.token === sight.owner?.token);
      if (alive && sight.owner && !wait) throw new RomeError(reason, heldBy(folder, path, sight.owner));
      first = { sight, at: performance.now() };
    }
    if (fate === "dead" || (fate === "unknown" && performance.now() - first.at > silence)) await clear(sight);
    const holder = `${nameOf(sight.owner)} holds ${folder}`;
    wait?.progress({ phase: wait.phase, done: 0, total: 0, detail: { holder } });
    await pause(glance, undefined, { signal: wait?.signal }).catch(() => undefined);
  }
}

/** Makes the lock's file; undefined where there is one. */
async function take(path: string): Promise<(() => Promise<void>) | undefined> {
  const owner: Owner = { ...ownProcess(), since: new Date().toISOString(), token: randomUUID() };
  let handle: FileHandle;
  try {
    handle = await open(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw unwritable(path, error);
  }
  try {
    await handle.writeFile(JSON.stringify(owner));
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw unwritable(path, error);
  }
  const sign = () => void handle.utimes(new Date(), new Date()).catch(() => undefined);
  const timer = setInterval(sign, beat).unref();
  return async () => {
    clearInterval(timer);
    await handle.close();
    if ((await look(path))?.owner?.token === owner.token) await rm(path, { force: true });
  };
}

async function look(path: string): Promise<Sight | undefined> {
  const [text, seen] = await Promise.all([readFile(path, "utf8"), stat(path)]).catch(() => [undefined, undefined]);
  if (text === undefined || !seen) return undefined;
  const parsed = v.safeParse(ownerSchema, text);
  const owner = parsed.success ? parsed.output : undefined;
  return { path, owner, mark: `${owner?.token} ${seen.ino} ${seen.mtimeMs}` };
}

/** Removes a dead owner's file, and never one that another process has put there meanwhile. */
async function clear({ path, owner }: Sight): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await look(aside);
  if (moved && moved.owner?.token !== owner?.token) await rename(aside, path);
  else await rm(aside, { force: true });
}

function nameOf(owner: Owner | undefined): string {
  if (!owner) return "another process";
  const { pid, host, since } = owner;
  const where = host === ownProcess().host ? "of this machine" : `of ${host}`;
  return `process ${pid} ${where} (since ${since.slice(0, 19).replace("T", " ")} UTC)`;
}

function heldBy(folder: string, path: string, owner: Owner): string {
  return (
    `${folder} is in use by another process: ${nameOf(owner)} holds it. Wait until that has finished, or stop it, then run this again. ` +
    `If there is no such process, delete ${path}.`
  );
}
