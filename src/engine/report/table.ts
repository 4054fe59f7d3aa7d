import { type Html, html } from "./html.ts";

/** A cell: text is shown as it is; a number is shown by its text and sorted by its value. */
export type Cell = string | { readonly value: number; readonly text: string };

/** A table; `open` shows it, else it waits behind its title. `ids` name the rows for the pictures to find. */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { open = false, ids = [] as readonly string[] } = {},
): Html {
  const numeric = head.map((_, column) => typeof rows[0]?.[column] === "object");
  const body = html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><thead><tr>${head.map(
    (text, column) => html`<th scope="col" class="${numeric[column] ? "number" : ""}">${text}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row, i) => html`<tr${ids[i] !== undefined && html` id="${ids[i]}"`}>${row.map(cell)}</tr>
`,
  )}</tbody></table></div>`;
  return open ? body : html`<details><summary>${title}</summary>${body}</details>`;
}

function cell(content: Cell): Html {
  return typeof content === "string"
    ? html`<td>${content}</td>`
    : html`<td class="number" data-value="${content.value}">${content.text}</td>`;
}
