/** Comma-separated values (RFC 4180) that a spreadsheet opens without running anything found in them. */
// The browser's build has no Node names in it: the webviews use it as the engine does.
import { stringify } from "csv-stringify/browser/esm/sync";

/** `null` is an empty cell. */
export type Cell = string | number | boolean | null;

/** A header and rows as CSV text, lines ended by CR LF; a text that would be run as a formula gets an apostrophe in front. */
export function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return stringify([header, ...rows], {
    record_delimiter: "windows",
    quote_record_delimiter: true,
    escape_formulas: true,
    // Some programs take ";" for the delimiter, and trim.
    quoted_match: /;|^\s|\s$/,
    cast: {
      // Spreadsheets look past leading white space, the library's own escape only at the first character.
      string: (text) => (/^\s+[=+\-@＝＋－＠]|^\n/u.test(text) && !/^[\t\r]/.test(text) ? `'${text}` : text),
      boolean: String,
    },
  });
}
