import { statfs } from "node:fs/promises";
import { RomeError } from "../run/errors.ts";

/** An amount of bytes as it is said: "13.8 MB". */
export function byteCount(bytes: number): string {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power > 0 ? 1 : 0)} ${["B", "kB", "MB", "GB"][power]}`;
}

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
