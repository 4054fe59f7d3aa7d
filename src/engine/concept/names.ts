import { basename } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import type { Concept } from "../../protocol/concept.ts";
import type { Problem } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { readBytes, readText } from "../files/readText.ts";
import { Random } from "../numerics/random.ts";
import { stratifiedSplit } from "../numerics/split.ts";
import { labelsOf } from "./concept.ts";
import { labelMeant } from "./spelling.ts";

/** A row of a names file. */
export interface NameRow {
  readonly name: string;
  readonly label: string;
  /** Line of the file, from 1. */
  readonly line: number;
}

/** What a names file must look like. */
export interface NamesFormat {
  /** Column with the label ("gender"); the names stand in the column "name". */
  readonly column: string;
  readonly labels: readonly string[];
}

/** Rows of one file at most. */
export const maxNames = 100_000;
/** Problems that an error lists; more are counted. */
const listedProblems = 100;

/** What the names files of a concept look like: their label column, and every label that may stand in it. */
export function namesFormat(concept: Concept): NamesFormat {
  const { column = "label", otherLabels = [] } = concept.names ?? {};
  return { column, labels: [...labelsOf(concept), ...otherLabels] };
}

/** Reads and checks a names file; RomeError "input" with every problem and its line. */
async function readRows(file: string, format: NamesFormat): Promise<NameRow[]> {
  const bytes = await readBytes(file).catch((error: NodeJS.ErrnoException) => {
    throw new RomeError("input", `The names file ${file} cannot be read (${error.code}).`, { cause: error });
  });
  const source = basename(file);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new RomeError("input", `${source} is in UTF-16. Save it as UTF-8 and try again.`);
  }
  return parseNames(bytes.toString("utf8"), format, source);
}

/**
 * The rows of a CSV text: a header line, then a name and a label a line; columns in any order, further ones ignored,
 * fields quoted or not, LF or CRLF, with or without a byte order mark. Spaces around a field do not count, blank lines
 * neither. Names are kept as they are written, whatever the script.
 */
export function parseNames(text: string, format: NamesFormat, source: string): NameRow[] {
  const { rows, problems } = readNames(text, format);
  if (problems.length > 0) throw new RomeError("input", problemText(source, problems));
  return rows;
}

/** The same rows, with what is wrong with them. */
export function readNames(text: string, { column, labels }: NamesFormat): { rows: NameRow[]; problems: Problem[] } {
  const { lines, problem: broken } = csvRows(text);
  const only = (line: number, message: string) => ({ rows: [], problems: [{ line, message }] });
  if (broken) return { rows: [], problems: [broken] };
  const header = lines.shift();
  const nameField = header?.fields.indexOf("name") ?? -1;
  const labelField = header?.fields.indexOf(column) ?? -1;
  if (!header || nameField < 0 || labelField < 0) {
    const found = header ? `this is "${header.fields.join(",")}"` : "the file is empty";
    return only(1, `${found}, but the first line must be the header name,${column}`);
  }
  if (lines.length === 0) return only(1, "there is a header but no names");
  if (lines.length > maxNames)
    return only(1, `there are ${lines.length} names, more than ${maxNames}; split the file into several`);
  const problems: Problem[] = [];
  const firstLine = new Map<string, number>();
  const expected = labels.map((label) => `"${label}"`).join(" or ");
  const rows = lines.map(({ fields, line }): NameRow => {
    const name = fields[nameField] ?? "";
    const label = fields[labelField] ?? "";
    const problem = (message: string) => problems.push({ line, message });
    if (name === "") problem("the name is empty");
    else if (/\p{Cc}|\uFFFD/u.test(name)) {
      problem(`${JSON.stringify(name)} holds a control character or one that is not UTF-8`);
    } else {
      const same = name.normalize("NFC");
      const before = firstLine.get(same);
      if (before === undefined) firstLine.set(same, line);
      else problem(`${JSON.stringify(name)} is already on line ${before}`);
    }
    if (label === "") problem(`the ${column} is empty; ${expected} is needed`);
    else if (!labels.includes(label)) {
      const to = labelMeant(label, labels);
      const message = `the ${column} is ${JSON.stringify(label)}; ${expected} is needed`;
      problems.push({ line, message, ...(to !== undefined && { meant: { from: label, to } }) });
    }
    return { name, label, line };
  });
  return { rows, problems };
}

/** The names of a concept by their part in its experiment. */
export interface ExperimentNames {
  /** To be recorded. */
  readonly recorded: NameRow[];
  /** Outside the data, to try the vector on; empty where the experiment has none. */
  readonly fresh: NameRow[];
  /** With other labels than the two, from either file: never recorded, and not meant to change. */
  readonly others: NameRow[];
}

/**
 * Reads the names files of a concept (from `readConcept`) and deals out their rows.
 * @param seed decides which names a `holdOut` keeps back
 * @param instead files to read in place of those that the concept names
 */
export async function readExperimentNames(
  concept: Concept,
  seed: number,
  instead: { readonly file?: string; readonly newNames?: string } = {},
): Promise<ExperimentNames> {
  const file = instead.file ?? concept.names?.file;
  if (file === undefined) {
    throw new RomeError(
      "input",
      `The concept "${concept.name}" says no names file. Name one there ("names": {"file": …}), or with --names where a command takes it.`,
    );
  }
  const format = namesFormat(concept);
  const labels = labelsOf(concept);
  const isOne = ({ label }: NameRow) => labels.includes(label);
  const all = await readRows(file, format);
  const newFile = instead.newNames ?? concept.names?.newNames;
  const known = new Set(all.map(({ name }) => name));
  const further = newFile === undefined ? [] : await readRows(newFile, format);
  // A name that was recorded is not outside the data.
  const more = further.filter(({ name }) => !known.has(name));
  const others = [...all, ...more].filter((row) => !isOne(row));
  const candidates = all.filter(isOne);
  const holdOut = concept.names?.holdOut;
  if (newFile !== undefined || holdOut === undefined) {
    return { recorded: candidates, fresh: more.filter(isOne), others };
  }
  const split = stratifiedSplit(
    candidates.map(({ label }) => label),
    1 - holdOut,
    new Random(seed, "hold out"),
  );
  const at = (positions: readonly number[]) => positions.map((position) => candidates[position]!);
  return { recorded: at(split.train), fresh: at(split.test), others };
}

/** The names of a CSV that has no labels to check, or whose labels nobody asks for, each once; "input" error without any. */
export async function readPlainNames(file: string): Promise<string[]> {
  const text = await readText(file).catch((error: NodeJS.ErrnoException) => {
    throw new RomeError("input", `The names file ${file} cannot be read (${error.code}).`, { cause: error });
  });
  const { lines } = csvRows(text);
  const field = lines.shift()?.fields.indexOf("name") ?? -1;
  const names = lines.map(({ fields }) => fields[field] ?? "").filter((name) => name !== "");
  if (names.length === 0) throw new RomeError("input", `${file} has no names: its first line must hold the word name.`);
  return [...new Set(names)];
}

/** Records of a CSV text with the line each starts on. */
function csvRows(text: string): { lines: { fields: string[]; line: number }[]; problem?: Problem } {
  try {
    const records = parse(text.replace(/\r\n?/g, "\n"), {
      bom: true,
      info: true,
      trim: true,
      relax_column_count: true,
      record_delimiter: "\n",
    }) as unknown as { record: string[]; info: { lines: number } }[];
    const lines = records
      .map(({ record, info }, i) => ({
        fields: record,
        line: i === 0 ? 1 : records[i - 1]!.info.lines + 1,
        end: info.lines,
      }))
      .filter(({ fields }) => fields.length > 1 || fields[0] !== "");
    return { lines };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const message =
      'a quote (") is where it cannot be, or is not closed; quote the whole field and double the quotes inside it';
    return { lines: [], problem: { line: Number(error.lines), message } };
  }
}

function problemText(source: string, problems: readonly Problem[]): string {
  const [first] = problems;
  if (problems.length === 1) return `${source}, line ${first?.line}: ${first?.message}.`;
  const hidden = problems.length - listedProblems;
  return [
    `${source} has ${problems.length} problems:`,
    ...problems.slice(0, listedProblems).map(({ line, message }) => `  line ${line}: ${message}`),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
  ].join("\n");
}
