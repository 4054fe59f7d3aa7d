/** Phrases that come from the engine, in the reader's language. */
import { t as translated } from "@vscode/l10n";
import { type Phrase, worded } from "../protocol/phrase.ts";
import { fixed, percent, significant } from "../text/numbers.ts";

export const inReadersWords = (phrase: Phrase): string =>
  worded(phrase, { text: (text, values) => translated(text, ...values), number: significant, percent, fixed });
