import { extname } from "node:path";
import { writeAtomically } from "../engine/files/atomicWrite.ts";
import { RomeError } from "../engine/run/errors.ts";

/** How a result is written, by the ending of the file's name. */
export type Writers<T> = Readonly<Record<string, (result: T) => string>>;

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** An `input` error for a file whose ending says no known format; asked before the work begins. */
export function checkOutputs<T>(files: readonly string[], writers: Writers<T>): void {
  const wrong = files.find((file) => !Object.hasOwn(writers, extname(file)));
  if (wrong !== undefined)
    throw new RomeError(
      "input",
      `--out ${wrong}: the file's ending says the format, and must be one of ${Object.keys(writers).join(", ")}.`,
    );
}

export async function writeOutputs<T>(files: readonly string[], result: T, writers: Writers<T>): Promise<void> {
  for (const file of files) await writeAtomically(file, [Buffer.from(writers[extname(file)]?.(result) ?? "")]);
}
