/** A table whose cells are coloured and can be walked and opened: a chart that is its own table. */
import { el, setAttribute } from "../dom.ts";
import type { View } from "../view.ts";

export interface GridCell {
  readonly text: string;
  /** Strength of the colour, 0 to 1, and which of the two directions. */
  readonly fill: number;
  readonly tone: "first" | "second";
  /** Draw a bar from the middle instead of a filled cell. */
  readonly bar?: boolean;
  /** What the cell says in a sentence. */
  readonly tip: string;
}

export interface Grid {
  readonly caption: string;
  /** First the heading over the rows' headings. */
  readonly header: readonly string[];
  readonly rows: readonly { readonly title: string; readonly cells: readonly GridCell[] }[];
}

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** @param select called when a cell is chosen by a click, Enter or Space */
export function cellGrid(label: string, select: (place: Place) => void): View<Grid> & { choose(place: Place): void } {
  const box = el("div", { class: "cell-grid", role: "group", "aria-label": label });
  let cells: HTMLElement[][] = [];
  let chosen: Place | undefined;

  const at = ({ row, column }: Place) => cells[row]?.[column];
  function mark(place: Place | undefined): void {
    for (const cell of cells.flat()) {
      setAttribute(cell, "aria-pressed", "false");
      setAttribute(cell, "tabindex", -1);
    }
    const cell = (place && at(place)) ?? cells[0]?.[0];
    if (!cell) return;
    setAttribute(cell, "tabindex", 0);
    if (place && at(place)) setAttribute(cell, "aria-pressed", "true");
  }
  function choose(place: Place): void {
    chosen = place;
    mark(place);
    select(place);
  }
  function placeOf(target: EventTarget | null): Place | undefined {
    for (const [row, line] of cells.entries()) {
      const column = line.findIndex((cell) => cell === target || cell.contains(target as Node));
      if (column >= 0) return { row, column };
    }
    return undefined;
  }
  box.addEventListener("click", ({ target }) => {
    const place = placeOf(target);
    if (place) choose(place);
  });
  box.addEventListener("keydown", (event) => {
    const place = placeOf(event.target);
    const moves: Record<string, readonly [number, number]> = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
    };
    const by = moves[event.key];
    if (!place || !by) return;
    event.preventDefault();
    at({ row: place.row + by[0], column: place.column + by[1] })?.focus();
  });
  return {
    element: box,
    choose,
    update({ caption, header, rows }) {
      const focused = placeOf(document.activeElement);
      cells = rows.map((row) => row.cells.map(button));
      box.replaceChildren(
        el(
          "table",
          {},
          el("caption", { class: "visually-hidden" }, caption),
          el("thead", {}, el("tr", {}, ...header.map((text) => el("th", { scope: "col" }, text)))),
          el(
            "tbody",
            {},
            ...rows.map(({ title }, row) =>
              el("tr", {}, el("th", { scope: "row" }, title), ...(cells[row] ?? []).map((cell) => el("td", {}, cell))),
            ),
          ),
        ),
      );
      mark(chosen && at(chosen) ? chosen : undefined);
      if (focused) at(focused)?.focus();
    },
  };
}

function button({ text, fill, tone, bar, tip }: GridCell): HTMLElement {
  const strength = Math.min(1, Math.max(0, fill));
  const colour = el("span", { class: `cell-fill cell-${tone}${bar ? " cell-bar" : ""}`, "aria-hidden": "true" });
  if (bar) colour.style.width = `${50 * strength}%`;
  // No fuller: the text on it keeps a contrast of 4.5 to 1 in every theme.
  else colour.style.opacity = String(0.42 * strength);
  return el(
    "button",
    // Who speaks to a program asks for what is seen: a name has it in it.
    { type: "button", class: "cell", title: tip, "aria-label": tip.includes(text) ? tip : `${text}, ${tip}` },
    colour,
    el("span", { class: "cell-text" }, text),
  );
}
