import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing; one that is there is left alone. Node's own `recursive` never ends
 * where the system calls a folder missing that is there, as below /proc.
 *
 * @throws the system's error
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    const isAboveMissing = (error as NodeJS.ErrnoException).code === "ENOENT" && !(await isFolder(above));
    if (!isAboveMissing || above === path) throw error;
    await makeFolder(above);
    await makeFolder(path);
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (seen) => seen.isDirectory(),
    () => false,
  );
}
