import { open } from "node:fs/promises";

/** Of a log's end, so much is read. */
const tailBytes = 2 ** 16;
/** What an error looks like: this program's line, Slurm's word on why it ended a job, a shell's, a crash of Node. */
const error =
  /^rome: |\berror:|\bKilled\b|DUE TO|oom|\bnot found\b|No such file|Permission denied|^\w*Error\b|Segmentation/i;

/** The last lines of a log and when it was written; undefined where there is none. */
async function tailOf(path: string): Promise<{ lines: string[]; writtenAt: number } | undefined> {
  try {
    const handle = await open(path);
    try {
      const { size, mtimeMs } = await handle.stat();
      const start = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
      const lines = buffer.subarray(0, bytesRead).toString("utf8").split(/\r?\n/);
      return { lines: lines.map((line) => line.trim()).filter((line) => line !== ""), writtenAt: mtimeMs };
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** The last error that a log tells, or else its last line; empty where it says nothing. */
export async function lastError(path: string): Promise<string> {
  const lines = (await tailOf(path))?.lines ?? [];
  return (lines.findLast((line) => error.test(line)) ?? lines.at(-1) ?? "").slice(0, 500);
}

/** When a log was last written, in milliseconds, and whether its last word is this program's error. */
export async function lastSign(path: string): Promise<{ at: number; isError: boolean } | undefined> {
  const tail = await tailOf(path);
  return tail && { at: tail.writtenAt, isError: /^(rome: |Cancelled\.)/.test(tail.lines.at(-1) ?? "") };
}
