import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { requireOwnFile } from "../files/ownKind.ts";

/** Where a measurement is written to beside being returned: files whose endings say the format. */
export interface Outputs {
  readonly out?: readonly string[];
}

/** How much of a result a shard made, and of how much. */
export interface Part {
  readonly done: number;
  readonly total: number;
}

/** How a result is written, and how what was written is told from other people's files. */
export interface Writers<T> {
  /** With its article: "a trace". */
  readonly name: string;
  /** What the JSON of such a result holds. */
  readonly schema: v.GenericSchema;
  /** By the ending of the file's name. */
  readonly formats: Readonly<Record<string, (result: T) => string>>;
  /** First line of the CSV, where there is one. */
  readonly header?: string;
}

/** Any result as a JSON file. */
export const json = (result: unknown) => `${JSON.stringify(result, null, 1)}\n`;

/**
 * Makes sure, before the work begins, that a result can be written to these files.
 *
 * @throws RomeError "input" for an ending that says no known format, or a file that is there and is something else; "disk"
 */
export async function checkOutputs<T>(files: Outputs["out"], writers: Writers<T>): Promise<void> {
  const { name, formats } = writers;
  for (const file of files ?? []) {
    const format = extname(file).toLowerCase();
    if (!Object.hasOwn(formats, format))
      throw new RomeError(
        "input",
        `--out ${file}: the file's ending says the format, and must be one of ${Object.keys(formats).join(", ")}.`,
      );
    const isOwn = async (path: string) => isWritten(await readFile(path, "utf8"), format, writers);
    await requireOwnFile(file, { name: `${name} as ${format}`, isOwn });
  }
}

export async function writeOutputs<T>(files: Outputs["out"], result: T, writers: Writers<T>): Promise<void> {
  await checkOutputs(files, writers);
  for (const file of files ?? []) {
    const format = extname(file).toLowerCase();
    const text = writers.formats[format]?.(result) ?? "";
    await writeAtomically(file, [Buffer.from(isMarked(format) ? marked(text, format, writers) : text)]);
  }
}

function isWritten<T>(text: string, format: string, writers: Writers<T>): boolean {
  if (isMarked(format)) return text.slice(-200).includes(mark(format, writers));
  if (format === ".csv") return text.split(/\r?\n/, 1)[0] === writers.header;
  return v.is(writers.schema, JSON.parse(text));
}

const isMarkup = (format: string) => format === ".html" || format === ".svg";
const isMarked = (format: string) => isMarkup(format) || format === ".md" || format === ".tex";
const mark = (format: string, { name }: { readonly name: string }) =>
  format === ".tex" ? `% rome: ${name}` : `<!-- rome: ${name} -->`;
/** The text with a comment by which the file is known again: before the last tag, or as the last line. */
const marked = <T>(text: string, format: string, writers: Writers<T>) =>
  isMarkup(format)
    ? text.replace(/<\/\w+>\s*$/, (end) => mark(format, writers) + end)
    : `${text.trimEnd()}\n\n${mark(format, writers)}\n`;
