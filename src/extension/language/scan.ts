import type * as vscode from "vscode";
import type { KnownName, KnownNames } from "./knownNames.ts";
import { wordPattern } from "./names.ts";

/** Text beyond this many characters of one range is not searched. */
const longest = 100_000;

/** The known names in a range of a document, with where they stand. */
export function* findNames(
  document: vscode.TextDocument,
  range: vscode.Range,
  names: KnownNames,
): Generator<{ start: number; end: number; known: KnownName }> {
  const offset = document.offsetAt(range.start);
  const text = document.getText(range).slice(0, longest);
  for (const match of text.matchAll(new RegExp(wordPattern, "gu"))) {
    const known = names.find(match[0]);
    if (known) yield { start: offset + match.index, end: offset + match.index + match[0].length, known };
  }
}
