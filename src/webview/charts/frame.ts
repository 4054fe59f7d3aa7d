/** What stands around every chart: its title, and its numbers as a table instead of it. */
import { t } from "@vscode/l10n";
import { textButton } from "../controls.ts";
import { el, setAttribute, setText, setVisible } from "../dom.ts";
import { dataTable, type Table } from "../table.ts";

export interface Framed {
  readonly title: string;
  readonly drawn: HTMLElement;
  /** Stays whether chart or table is shown. */
  readonly below: HTMLElement;
  /** Controls that belong beside the title. */
  readonly tools?: HTMLElement;
}

export interface ChartFrame {
  readonly element: HTMLElement;
  /** Fills the table where it is the table that is shown, and says whether it is. */
  fillTable(table: () => Table): boolean;
}

/** @param changed called when the user turned from the chart to the table or back */
export function chartFrame({ title, drawn, below, tools }: Framed, changed: () => void): ChartFrame {
  const tabled = el("div", { class: "plot-table", tabindex: "0", hidden: true, role: "group", "aria-label": title });
  const toggle = textButton(t("Table"), () => {
    const asTable = tabled.hidden === true;
    setVisible(drawn, !asTable);
    setVisible(tabled, asTable);
    setText(toggle, asTable ? t("Chart") : t("Table"));
    setAttribute(toggle, "aria-pressed", String(asTable));
    changed();
  });
  return {
    element: el(
      "figure",
      { class: "chart" },
      el("figcaption", {}, el("h3", {}, title), tools, toggle),
      drawn,
      tabled,
      below,
    ),
    fillTable(table) {
      if (tabled.hidden) return false;
      tabled.replaceChildren(dataTable(table()));
      return true;
    },
  };
}
