import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing; one that is there is left alone. Node's own `recursive` never ends
 * where the system calls a folder missing that is there, as below /proc.
 *
 * @throws the system's error
 */
export function makeFolder(path: string): Promise<void> {
  return make(path, true);
}

async function make(path: string, isFirstTry: boolean): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === path || !isFirstTry) throw error;
    // Another may have made what was missing above just now.
    if (!(await isFolder(above))) await make(above, true);
    await make(path, false);
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (seen) => seen.isDirectory(),
    () => false,
  );
}
