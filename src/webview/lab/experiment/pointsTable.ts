/** All edits as a table: sorted by any column, filtered, in pages; rows are selected with the mouse or the keyboard. */
import { t } from "@vscode/l10n";
import type { Point, Report } from "../../../protocol/results.ts";
import { count, outOf } from "../../../text/numbers.ts";
import { textButton } from "../../controls.ts";
import { el, setAttribute, setText, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { filterBar } from "./filterBar.ts";
import { columns, filterPoints, pointsCsv, sortPoints } from "./rows.ts";

const pageSize = 50;

export interface PointsTable extends View<Report> {
  /** Marks the rows selected elsewhere, and turns to the page of the last one. */
  showSelection(): void;
}

/** @param choose called with the name the user picked, and whether it is to stand beside the one selected before */
export function pointsTable(lab: Lab, choose: (name: string, beside: boolean) => void): PointsTable {
  const { host, selection } = lab;
  let report: Report | undefined;
  let visible: readonly Point[] = [];
  let page = 0;
  /** The one row in the tab order. */
  let current = 0;

  const filter = filterBar(host.state.filter, (change) => {
    host.save({ filter: { ...host.state.filter, ...change } });
    refresh();
  });
  const heads = columns().map((column) => {
    const sort = el("button", { type: "button", class: "sort", title: column.hint }, column.title);
    const head = el("th", { scope: "col", class: column.numeric ? "numeric" : "" }, sort);
    sort.addEventListener("click", () => {
      const now = host.state.sort;
      const descending = now.column === column.id ? !now.descending : column.numeric;
      host.save({ sort: { column: column.id, descending } });
      refresh();
    });
    return { id: column.id, head };
  });
  const body = el("tbody");
  const table = el(
    "table",
    { class: "data points", role: "grid", "aria-multiselectable": "true", "aria-label": t("All edits") },
    el("thead", {}, el("tr", {}, ...heads.map(({ head }) => head))),
    body,
  );
  const shownCount = el("span", { class: "quiet number", role: "status" });
  const previous = textButton(t("Previous"), () => turn(page - 1));
  const next = textButton(t("Next"), () => turn(page + 1));
  const where = el("span", { class: "quiet number" });
  const none = el("p", { class: "quiet" }, t("No name matches the filter."));
  const exportCsv = textButton(t("Export CSV…"), () => {
    const suggestedName = `${report?.concept.name ?? "experiment"}-edits.csv`;
    host.post({ type: "exportCsv", csv: pointsCsv(visible), suggestedName });
  });

  const pages = (): number => Math.max(1, Math.ceil(visible.length / pageSize));
  const rows = (): HTMLElement[] => [...body.children] as HTMLElement[];

  function refresh(): void {
    if (!report) return;
    visible = sortPoints(filterPoints(report.points, host.state.filter, report.concept.labels), host.state.sort);
    for (const { id, head } of heads) {
      const { column, descending } = host.state.sort;
      setAttribute(head, "aria-sort", id !== column ? "none" : descending ? "descending" : "ascending");
    }
    setText(shownCount, outOf(visible.length, report.points.length));
    setVisible(none, visible.length === 0);
    setVisible(table, visible.length > 0);
    turn(0);
  }
  function turn(to: number): void {
    page = Math.min(pages() - 1, Math.max(0, to));
    current = 0;
    const shape = columns();
    body.replaceChildren(
      ...visible
        .slice(page * pageSize, (page + 1) * pageSize)
        .map((point) =>
          el(
            "tr",
            { "data-name": point.name, tabindex: "-1" },
            ...shape.map((column) =>
              column.id === "name"
                ? el("th", { scope: "row" }, column.show(point))
                : el("td", { class: column.numeric ? "numeric" : "" }, column.show(point)),
            ),
          ),
        ),
    );
    previous.disabled = page === 0;
    next.disabled = page >= pages() - 1;
    setText(where, t("page {0} of {1}", count(page + 1), count(pages())));
    for (const element of [previous, where, next]) setVisible(element, pages() > 1);
    mark();
  }
  /** Selection and tab order, on the rows as they stand. */
  function mark(): void {
    rows().forEach((row, i) => {
      setAttribute(row, "aria-selected", String(selection.has(row.dataset.name ?? "")));
      setAttribute(row, "tabindex", i === current ? "0" : "-1");
    });
  }
  function focusRow(index: number): void {
    current = Math.min(rows().length - 1, Math.max(0, index));
    mark();
    rows()[current]?.focus();
  }
  const nameOf = (target: EventTarget | null): string | undefined =>
    (target as Element).closest<HTMLElement>("tr[data-name]")?.dataset.name;

  body.addEventListener("click", (event) => {
    const name = nameOf(event.target);
    if (name === undefined) return;
    current = rows().findIndex((row) => row.dataset.name === name);
    choose(name, event.ctrlKey || event.metaKey || event.shiftKey);
  });
  body.addEventListener("keydown", (event) => {
    const name = nameOf(event.target);
    if (name === undefined) return;
    const to = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: pageSize }[event.key];
    if (to !== undefined) focusRow(to);
    else if (event.key === "Enter") choose(name, false);
    else if (event.key === " ") choose(name, true);
    else if (event.key === "PageDown" || event.key === "PageUp") {
      turn(page + (event.key === "PageDown" ? 1 : -1));
      focusRow(0);
    } else return;
    event.preventDefault();
  });

  return {
    element: el(
      "section",
      { class: "stack", "aria-label": t("All edits") },
      el("div", { class: "row" }, el("h3", {}, t("All edits")), shownCount, el("span", { class: "grow" }), exportCsv),
      filter.element,
      el(
        "p",
        { class: "quiet" },
        t("Select a second row with Ctrl or ⌘ and a click, or with Space, to compare the two."),
      ),
      el("div", { class: "table-scroll" }, table),
      none,
      el("div", { class: "row" }, previous, where, next),
    ),
    update(now) {
      if (now === report) return;
      report = now;
      filter.update({ filter: host.state.filter, labels: now.concept.labels });
      refresh();
    },
    showSelection() {
      const last = selection.names.at(-1);
      const index = visible.findIndex((point) => point.name === last);
      const at = Math.floor(index / pageSize);
      if (index >= 0 && at !== page) turn(at);
      if (index >= 0) current = index - page * pageSize;
      mark();
    },
  };
}
