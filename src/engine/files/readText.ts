import { readFile, stat } from "node:fs/promises";

/**
 * Bytes of a small file that a user named. What is no file is refused before it is opened: to open a named pipe that
 * nobody writes to would wait for ever, and not even end with the process. A shell's <(…) has its writer.
 *
 * @throws the system's errors; one with the code "ENOTFILE" for a pipe or a device
 */
export async function readBytes(path: string): Promise<Buffer> {
  const seen = await stat(path);
  const isPiped = seen.isFIFO() && path.startsWith("/dev/fd/");
  if (!seen.isFile() && !seen.isDirectory() && !isPiped)
    throw Object.assign(new Error(`${path} is a device or a pipe, not a file.`), { code: "ENOTFILE" });
  return readFile(path);
}

/** The same as text in UTF-8. */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString("utf8");
}
