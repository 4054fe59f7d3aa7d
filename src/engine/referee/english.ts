import { type Phrase, worded } from "../../protocol/phrase.ts";
import { fixed, percent, significant } from "../../text/numbers.ts";

/** A phrase as files, other programs and the command line get it. */
export function english(phrase: Phrase): string {
  return worded(phrase, {
    text: (text, values) => text.replaceAll(/\{(\d+)\}/g, (_, i) => values[Number(i)] ?? ""),
    number: significant,
    percent,
    fixed,
  });
}
