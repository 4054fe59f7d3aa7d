/** Saving what a view shows: its data as CSV, its picture as SVG and PNG. */
import { t } from "@vscode/l10n";
import type { ExportIntent } from "../protocol/exports.ts";
import { type Picture, pictureSvg } from "../text/picture.ts";
import { picturePng } from "./charts/picture.ts";
import { textButton } from "./controls.ts";
import { el } from "./dom.ts";
import { openMenu } from "./menu.ts";
import { readPalette } from "./theme.ts";

/** Where files are saved: a page's host. */
export interface Saves {
  post(intent: ExportIntent): void;
}

/** What can be saved, each made when it is asked for. */
export interface Exported {
  csv(): string;
  svg(): string;
  /** In base64. */
  png(): string;
}

export function exportedPicture(csv: () => string, picture: () => Picture): Exported {
  return {
    csv,
    svg: () => pictureSvg(picture(), readPalette()),
    png: () => picturePng(picture(), readPalette()),
  };
}

/** @param of what is shown now; undefined while there is nothing */
export function exportMenu(saves: Saves, name: string, of: () => Exported | undefined): HTMLElement {
  const button = textButton(t("Export…"), () => {
    const now = of();
    if (!now) return;
    openMenu(button, [
      {
        label: t("Export CSV…"),
        act: () => saves.post({ type: "exportCsv", csv: now.csv(), suggestedName: `${name}.csv` }),
      },
      {
        label: t("Export SVG…"),
        act: () => saves.post({ type: "exportSvg", svg: now.svg(), suggestedName: `${name}.svg` }),
      },
      {
        label: t("Export PNG…"),
        act: () => saves.post({ type: "exportPng", png: now.png(), suggestedName: `${name}.png` }),
      },
    ]);
  });
  button.setAttribute("aria-haspopup", "menu");
  return el("span", { class: "row" }, button);
}
