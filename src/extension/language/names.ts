/** What counts as a name in a text: letters of any script, joined by apostrophes or hyphens. */
export const wordPattern = /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*/u;

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

/** Where a field of a CSV line stands that holds exactly this text, from and to; the last one where there are several. */
export function fieldOf(line: string, text: string): [number, number] | undefined {
  const fields = [...line.matchAll(/[^,]+/g)].filter(([field]) => bare(field) === text);
  const last = fields.at(-1);
  if (!last) return undefined;
  const start = last.index + last[0].indexOf(text);
  return [start, start + text.length];
}
