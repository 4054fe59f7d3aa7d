import { access, constants, readdir, stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import { destinationOf, unwritable } from "./atomicWrite.ts";
import { requireSpace } from "./diskSpace.ts";

/** A kind of file or folder that this program writes, and how one is told from everything else. */
export interface Kind {
  /** With its article: "an edit file". */
  readonly name: string;
  /** What lies at the path is of this kind; asked only of what is there and not empty. May throw for what is damaged. */
  readonly isOwn: (path: string) => Promise<boolean>;
  /** How the names of new files end, where other programs go by that. */
  readonly ending?: string;
}

/** Room that a file of text or a few edits takes, generously. */
const fewBytes = 2 ** 20;

/**
 * Makes sure, before the work that it is for, that a file of this kind can be written at `path`: the folder is there,
 * can be written and has room, and nothing foreign would be replaced. An empty file is nobody's.
 *
 * @throws RomeError "input" for another ending, or something else that is there; "disk"
 */
export async function requireOwnFile(path: string, kind: Kind, bytes = fewBytes): Promise<void> {
  const { path: target, mode } = await destinationOf(path);
  const isThere = mode !== undefined && (await stat(target)).size > 0;
  if (isThere && !(await isOwn(target, kind))) throw foreign(path, kind);
  if (!isThere) requireEnding(path, kind);
  await requireRoom(dirname(resolve(target)), path, bytes);
}

/**
 * The same of a folder, which is there already or will be made; hidden files in it do not count.
 *
 * @throws as `requireOwnFile`
 */
export async function requireOwnFolder(path: string, kind: Kind, bytes = fewBytes): Promise<void> {
  const seen = await stat(path).catch(() => undefined);
  if (seen && !seen.isDirectory()) throw new RomeError("input", `${path} is not a folder. Choose another place.`);
  const names = seen ? await namesIn(path) : [];
  if (names.some((name) => !name.startsWith(".")) && !(await isOwn(path, kind))) throw foreign(path, kind);
  await requireRoom(await nearestFolder(resolve(path)), path, bytes);
}

function requireEnding(path: string, { name, ending }: Kind): void {
  if (ending !== undefined && extname(path) !== ending)
    throw new RomeError("input", `${path} is no name for ${name}: it has to end in ${ending}. Choose such a name.`);
}

function foreign(path: string, { name }: Kind): RomeError {
  return new RomeError(
    "input",
    `${path} is there already and is not ${name}, so it stays as it is. Choose another name, or remove it first.`,
  );
}

function isOwn(path: string, kind: Kind): Promise<boolean> {
  return kind.isOwn(path).catch(() => false);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error) => {
    throw unwritable(folder, error);
  });
}

/** The folder itself, or the one above in which it will be made. */
async function nearestFolder(path: string): Promise<string> {
  const seen = await stat(path).catch(() => undefined);
  const above = dirname(path);
  return seen || above === path ? path : nearestFolder(above);
}

async function requireRoom(folder: string, path: string, bytes: number): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error("Not a folder."), { code: "ENOTDIR" });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
  await requireSpace(folder, bytes, `${path} takes up to`, "Free some space, or choose another disk.");
}
