/** A plain table of values, as stands beside every chart. */
import { el } from "./dom.ts";

export interface Table {
  readonly caption: string;
  readonly header: readonly string[];
  /** Cells as shown; the first of a row is its heading. */
  readonly rows: readonly (readonly string[])[];
}

export function dataTable(table: Table): HTMLTableElement {
  const body = table.rows.map(([first = "", ...rest]) =>
    el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell))),
  );
  return el(
    "table",
    { class: "data" },
    el("caption", { class: "visually-hidden" }, table.caption),
    el("thead", {}, el("tr", {}, ...table.header.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...body),
  );
}
