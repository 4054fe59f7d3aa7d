/** What counts as a name in a text: letters of any script, joined by apostrophes or hyphens. */
export const wordPattern = /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*/u;

const namePattern = /^[\p{L}\p{M}][\p{L}\p{M}'’. -]*$/u;
const longestName = 60;

/** Whether the text can be asked for as a name. */
export function isName(text: string): boolean {
  return text.length <= longestName && namePattern.test(text);
}

/** The names in a line of the user's own: separated by commas, semicolons or line breaks. */
export function splitNames(text: string): string[] {
  return unique(text.split(/[\r\n,;\t]+/).map(bare));
}

/** The names in the first column of CSV text, without the header. */
export function firstColumn(text: string): string[] {
  const cells = text.split(/\r?\n/).map((line) => bare(line.split(/[,;\t]/, 1)[0] ?? ""));
  return unique(cells.filter((cell) => cell.toLowerCase() !== "name"));
}

function bare(text: string): string {
  return text.trim().replace(/^(["'`])(.*)\1$/, "$2");
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => text !== ""))];
}
