import { appendFileSync, writeFileSync } from "node:fs";
import { RomeError } from "../../protocol/errors.ts";

/** The file that the environment variable ROME_TRACE names, once it was begun. */
let file: string | undefined;

/**
 * Does some work and, where ROME_TRACE names a file, leaves a span of it there, in Chrome's trace format (an array of
 * events that need not be closed, so that a process may end at any time): to be opened in chrome://tracing or Perfetto.
 * The clock begins with the process. Work within other work is a span within its span.
 *
 * @param details what to show with the span
 * @throws RomeError "disk" where the file cannot be written
 */
export async function span<T>(
  name: string,
  work: () => Promise<T>,
  details: Readonly<Record<string, string | number>> = {},
): Promise<T> {
  const path = process.env.ROME_TRACE;
  if (!path) return work();
  const began = performance.now();
  if (file !== path) {
    file = path;
    write(path, "[\n", writeFileSync);
    keep(path, "start of the process", 0, began, {});
  }
  try {
    return await work();
  } finally {
    keep(path, name, began, performance.now(), details);
  }
}

/** @param from,to milliseconds since the process began; the format wants microseconds */
function keep(path: string, name: string, from: number, to: number, args: object): void {
  const event = { name, ph: "X", ts: 1000 * from, dur: 1000 * (to - from), pid: process.pid, tid: 1, args };
  write(path, `${JSON.stringify(event)},\n`, appendFileSync);
}

function write(path: string, text: string, how: typeof writeFileSync | typeof appendFileSync): void {
  try {
    how(path, text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new RomeError("disk", `ROME_TRACE: ${path} cannot be written (${code}). Name a file in a folder of yours.`, {
      cause,
    });
  }
}
