import { openSync, writeSync } from "node:fs";
import { RomeError } from "../../protocol/errors.ts";

/** The file that ROME_TRACE names, and how far its events go; once it was begun. */
let file: { readonly asked: string; readonly path: string; readonly descriptor: number; end: number } | undefined;

/** Closes the array; the next event is written over it, so that the file is whole whenever the process ends. */
const close = "\n]\n";

/**
 * Does some work and, where the environment variable ROME_TRACE names a file, leaves a span of it there, in Chrome's trace
 * format: to be opened in chrome://tracing or Perfetto. `%p` in the name is the process's number, for programs of more
 * than one process. The clock begins with the process. Work within other work is a span within its span.
 *
 * @param details what to show with the span
 * @throws RomeError "disk" where the file cannot be written; work that failed throws its own error all the same
 */
export async function span<T>(
  name: string,
  work: () => Promise<T>,
  details: Readonly<Record<string, string | number>> = {},
): Promise<T> {
  const asked = process.env.ROME_TRACE;
  if (!asked) return work();
  const began = performance.now();
  if (file?.asked !== asked) begin(asked, began);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    try {
      keep(name, began, details);
    } catch {
      // Why the work failed says more than that its span is lost.
    }
    throw error;
  }
  keep(name, began, details);
  return result;
}

function begin(asked: string, began: number): void {
  const path = asked.replaceAll("%p", String(process.pid));
  written(path, () => {
    const descriptor = openSync(path, "w");
    file = { asked, path, descriptor, end: 0 };
  });
  append("start of the process", 0, began, {});
}

function keep(name: string, from: number, args: object): void {
  append(name, from, performance.now(), args);
}

/** @param from,to milliseconds since the process began; the format wants microseconds */
function append(name: string, from: number, to: number, args: object): void {
  if (!file) return;
  const { path, descriptor, end } = file;
  const event = { name, ph: "X", ts: 1000 * from, dur: 1000 * (to - from), pid: process.pid, tid: 1, args };
  const text = Buffer.from(`${end === 0 ? "[\n" : ",\n"}${JSON.stringify(event)}`);
  written(path, () => {
    writeSync(descriptor, Buffer.concat([text, Buffer.from(close)]), 0, undefined, end);
  });
  file.end += text.length;
}

function written(path: string, how: () => void): void {
  try {
    how();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new RomeError("disk", `ROME_TRACE: ${path} cannot be written (${code}). Name a file in a folder of yours.`, {
      cause,
    });
  }
}
