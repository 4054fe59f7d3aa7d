/** What is taken for a name, wherever one is typed, selected, or read from a names file. */
import { type Phrase, say } from "./phrase.ts";

const namePattern = /^[\p{L}\p{M}][\p{L}\p{M}'’. -]*$/u;
const longestName = 60;

/** Whether the text can be asked for as a name: letters of any script, spaces, apostrophes, hyphens and dots. */
export function isName(text: string): boolean {
  return text.length <= longestName && namePattern.test(text);
}

/** What is said of a text that is none. */
export function notName(text: string): Phrase {
  return say`"${text.length > 40 ? `${text.slice(0, 40)}…` : text}" is not a name.`;
}

/** What would be one. */
export const whatNamesAre = say`Use letters, spaces, apostrophes, hyphens and dots, at most 60 characters.`;
