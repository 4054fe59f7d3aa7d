import { statfs } from "node:fs/promises";
import { RomeError } from "../../protocol/errors.ts";
import { byteCount } from "../../text/amounts.ts";

/**
 * @param what what needs the space, and the verb: "The export takes"
 * @param advice what to do where there is not enough
 * @throws RomeError ("disk") if the file system of `folder` has fewer bytes free
 */
export async function requireSpace(folder: string, needed: number, what: string, advice: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed <= free) return;
  throw new RomeError(
    "disk",
    `${what} ${byteCount(needed)}, but only ${byteCount(free)} are free at ${folder}. ${advice}`,
  );
}
