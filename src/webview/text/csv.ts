/** Comma-separated values (RFC 4180) that a spreadsheet opens without running anything found in them. */

export type Cell = string | number | boolean;

/** A text that a spreadsheet would read as a formula gets an apostrophe in front; numbers stay numbers. */
export function csvCell(cell: Cell): string {
  if (typeof cell !== "string") return String(cell);
  const safe = /^[\s]*[=+\-@＝＋－＠\t\r\n]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n;]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A header and rows as CSV text, lines ended by CR LF. */
export function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
}
