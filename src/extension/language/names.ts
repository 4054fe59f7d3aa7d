import { isName } from "../../protocol/name.ts";

/** What counts as a name in a text: letters of any script, joined by apostrophes or hyphens; of "Ben's" it is "Ben". */
export const wordPattern = /[\p{L}\p{M}]+(?:(?:['’](?!s(?![\p{L}\p{M}]))|-)[\p{L}\p{M}]+)*/u;

/** The names in a line of the user's own: separated by commas, semicolons or line breaks. */
export function splitNames(text: string): string[] {
  return unique(text.split(/[\r\n,;\t]+/).map(bare));
}

/** How a column of names is headed. */
const heading =
  /^(?:(?:first|given|fore|full|christian|person|user)?[ _-]?names?|person|people|vor-?namen?|rufname|pr[ée]nom|nombre|nome|nom|名前|氏名)$/i;

/** The fields of each line of CSV text. */
function fieldsOf(text: string): string[][] {
  return text.split(/\r?\n/).map((line) => line.split(/[,;\t]/).map(bare));
}

/**
 * The name on each line of CSV text, "" where there is none: of the column that is headed as one, else of the first. The
 * first line is a header, too, where it alone is not written as names are: `employee` above `Ben`.
 */
function nameColumn(text: string): { isHeaded: boolean; names: string[] } {
  const rows = fieldsOf(text);
  const headed = rows[0]?.findIndex((field) => heading.test(field)) ?? -1;
  const [first = "", ...below] = rows.map((row) => row[Math.max(0, headed)] ?? "");
  const names = below.filter((field) => field !== "");
  const isHeaded = headed >= 0 || (names.length > 0 && names.every(isWrittenAsName) && !isWrittenAsName(first));
  return { isHeaded, names: [isHeaded ? "" : first, ...below] };
}

/** The names of CSV text; the words of its header are none. */
export function namesOfTable(text: string): string[] {
  return unique(nameColumn(text).names);
}

/** The same as names of a selection. */
export function namesInTable(text: string): NamesIn {
  const { isHeaded, names } = nameColumn(text);
  return { listed: unique(names), found: [], isHeaded };
}

/** Line (from 0) of a name in the text of a names file; undefined when it is not there. */
export function lineOf(name: string, text: string): number | undefined {
  const line = nameColumn(text).names.indexOf(name);
  return line < 0 ? undefined : line;
}

/** Lines of equally many fields, one of the first line's being the heading of names. */
function isHeadedTable(text: string): boolean {
  const [header = [], ...rows] = fieldsOf(text.trim());
  const isHeaded = rows.length > 0 && header.some((field) => heading.test(field));
  return isHeaded && rows.every(({ length }) => length === header.length);
}

/** As many words as a name has at most where it is not known. */
const mostWords = 3;

/** With capitals; of scripts without them every word may be a name. */
function isWrittenAsName(text: string): boolean {
  const words = text.split(/\s+/);
  return isName(text) && words.length <= mostWords && words.every((word) => /^\P{Ll}/u.test(word));
}

/** A selection of text as names: those that it lists, or those that stand in it. */
export interface NamesIn {
  /** A list of names and nothing else. */
  listed: string[];
  /** Known names in code or prose. */
  found: string[];
  /** Those listed are a column under a heading: what stands there is a name, known or not. */
  isHeaded: boolean;
}

/** Tells a list of names, or a table that is headed, from code or prose that names stand in. */
export function namesIn(text: string, isKnown: (name: string) => boolean): NamesIn {
  if (isHeadedTable(text)) return namesInTable(text);
  const pieces = splitNames(text).filter((piece) => !heading.test(piece));
  if (pieces.every((piece) => isKnown(piece) || isWrittenAsName(piece)))
    return { listed: pieces, found: [], isHeaded: false };
  const words = [...text.matchAll(new RegExp(wordPattern, "gu"))].map(([word]) => word);
  return { listed: [], found: unique(words.filter(isKnown)), isHeaded: false };
}

function bare(text: string): string {
  return text.trim().replace(/^(["'`])(.*)\1$/, "$2");
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => text !== ""))];
}

/** Where a field of a CSV line stands that holds exactly this text, from and to; the last one where there are several. */
export function fieldOf(line: string, text: string): [number, number] | undefined {
  const fields = [...line.matchAll(/[^,]+/g)].filter(([field]) => bare(field) === text);
  const last = fields.at(-1);
  if (!last) return undefined;
  const start = last.index + last[0].indexOf(text);
  return [start, start + text.length];
}
