/** What is taken for a name, wherever one is typed, selected, or read from a names file. */

const namePattern = /^[\p{L}\p{M}][\p{L}\p{M}'’. -]*$/u;
const longestName = 60;

/** Whether the text can be asked for as a name: letters of any script, spaces, apostrophes, hyphens and dots. */
export function isName(text: string): boolean {
  return text.length <= longestName && namePattern.test(text);
}
