/** How a phrase (see `worded` in src/protocol/phrase.ts) is written in the reader's language. */
import { t as translated } from "@vscode/l10n";
import { fixed, percent, significant } from "./numbers.ts";

export const readersWriting = {
  text: (english: string, values: readonly string[]) => translated(english, ...values),
  number: significant,
  percent,
  fixed,
};
