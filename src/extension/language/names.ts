import { isName } from "../../protocol/name.ts";

/** What counts as a name in a text: letters of any script, joined by apostrophes or hyphens; of "Ben's" it is "Ben". */
export const wordPattern = /[\p{L}\p{M}]+(?:(?:['’](?!s(?![\p{L}\p{M}]))|-)[\p{L}\p{M}]+)*/u;

/** The names in a line of the user's own: separated by commas, semicolons or line breaks. */
export function splitNames(text: string): string[] {
  return unique(text.split(/[\r\n,;\t]+/).map(bare));
}

/** The names in the first column of CSV text, without the header. */
export function firstColumn(text: string): string[] {
  const cells = text.split(/\r?\n/).map((line) => bare(line.split(/[,;\t]/, 1)[0] ?? ""));
  return unique(cells.filter((cell) => cell.toLowerCase() !== "name"));
}

/** A selection of text as names: those that it lists, or those that stand in it. */
export interface NamesIn {
  /** A list of names and nothing else. */
  listed: string[];
  /** Known names in code or prose. */
  found: string[];
}

/** As many words as a name has at most where it is not known. */
const mostWords = 3;

/** Tells a list of names from code or prose that names stand in. */
export function namesIn(text: string, isKnown: (name: string) => boolean): NamesIn {
  const pieces = splitNames(text);
  const looksLikeName = (piece: string) => {
    const words = piece.split(/\s+/);
    // Of scripts without capitals every word may be a name.
    return (
      isKnown(piece) || (isName(piece) && words.length <= mostWords && words.every((word) => /^\P{Ll}/u.test(word)))
    );
  };
  if (pieces.every(looksLikeName)) return { listed: pieces, found: [] };
  const words = [...text.matchAll(new RegExp(wordPattern, "gu"))].map(([word]) => word);
  return { listed: [], found: unique(words.filter(isKnown)) };
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
