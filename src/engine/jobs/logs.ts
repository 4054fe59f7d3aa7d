import { open } from "node:fs/promises";

/** Of a log's end, so much is read. */
const tailBytes = 2 ** 16;
/** What an error looks like: this program's line, Slurm's word on why it ended a job, a shell's, a crash of Node. */
const error =
  /^rome: |\berror:|\bKilled\b|DUE TO|oom|\bnot found\b|No such file|Permission denied|^\w*Error\b|Segmentation/i;
/** A shell's word on a signal, with the whole command behind it; the exit code says the same. */
const shellOnSignal = /: line \d+: +\d+ (Killed|Terminated|Aborted|Segmentation fault|Bus error)/;
const begun = /^\[begun .*\]$/;
const ended = /^\[ended with exit code (\d+)\]$/;

/** Lines of a job's script, before and after its work: all attempts share one log, and the last one counts. */
export const attemptBegins = `echo "[begun $(date -u +%FT%TZ) on $(hostname)]"`;
export const attemptEnds = `echo "[ended with exit code $code]"`;

/** What a log tells of the last attempt. */
export interface LogEnd {
  /** In milliseconds. */
  readonly writtenAt: number;
  /** The last error; empty where none is written. */
  readonly error: string;
  /** The last line that the work itself wrote; empty where there is none. */
  readonly last: string;
  /** Of the work. Undefined while it runs, where its script was killed with it, or where the log could not be written. */
  readonly exitCode?: number;
}

/** Undefined where there is no log. */
export async function readLog(path: string): Promise<LogEnd | undefined> {
  const tail = await tailOf(path);
  if (!tail) return undefined;
  const attempt = tail.lines.slice(tail.lines.findLastIndex((line) => begun.test(line)) + 1);
  const end = attempt.findLast((line) => ended.test(line));
  const own = attempt.filter((line) => !ended.test(line) && !shellOnSignal.test(line));
  const short = (line = "") => line.slice(0, 500);
  return {
    writtenAt: tail.writtenAt,
    error: short(own.findLast((line) => error.test(line))),
    last: short(own.at(-1)),
    ...(end && { exitCode: Number(ended.exec(end)?.[1]) }),
  };
}

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
