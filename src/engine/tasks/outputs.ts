import { extname } from "node:path";
import { writeAtomically } from "../files/atomicWrite.ts";
import { RomeError } from "../run/errors.ts";

/** Where a measurement is written to beside being returned: files whose endings say the format. */
export interface Outputs {
  readonly out?: readonly string[];
}

/** How a result is written, by the ending of the file's name. */
export type Writers<T> = Readonly<Record<string, (result: T) => string>>;

/** Any result as a JSON file. */
export const json = (result: unknown) => `${JSON.stringify(result, null, 1)}\n`;

/** An `input` error for a file whose ending says no known format; asked before the work begins. */
export function checkOutputs<T>(files: Outputs["out"], writers: Writers<T>): void {
  const wrong = files?.find((file) => !Object.hasOwn(writers, extname(file)));
  if (wrong !== undefined)
    throw new RomeError(
      "input",
      `--out ${wrong}: the file's ending says the format, and must be one of ${Object.keys(writers).join(", ")}.`,
    );
}

export async function writeOutputs<T>(files: Outputs["out"], result: T, writers: Writers<T>): Promise<void> {
  for (const file of files ?? []) await writeAtomically(file, [Buffer.from(writers[extname(file)]?.(result) ?? "")]);
}
