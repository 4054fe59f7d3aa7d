/** Saving what a tab shows: its data as CSV, its picture as SVG and PNG. */
import { t } from "@vscode/l10n";
import type { ExportIntent } from "../../protocol/exports.ts";
import { type Picture, pictureSvg } from "../../text/picture.ts";
import { picturePng } from "../charts/picture.ts";
import { textButton } from "../controls.ts";
import { el } from "../dom.ts";
import { readPalette } from "../theme.ts";

export interface Exported {
  readonly csv: string;
  readonly picture: Picture;
}

/** @param of what is shown now; undefined while there is nothing */
export function pictureExports(
  { host }: { readonly host: { post(intent: ExportIntent): void } },
  name: string,
  of: () => Exported | undefined,
): HTMLElement {
  const save = (text: string, post: (exported: Exported) => void) =>
    textButton(text, () => {
      const now = of();
      if (now) post(now);
    });
  return el(
    "span",
    { class: "row" },
    save(t("Export CSV…"), ({ csv }) => host.post({ type: "exportCsv", csv, suggestedName: `${name}.csv` })),
    save(t("Export SVG…"), ({ picture }) =>
      host.post({ type: "exportSvg", svg: pictureSvg(picture, readPalette()), suggestedName: `${name}.svg` }),
    ),
    save(t("Export PNG…"), ({ picture }) =>
      host.post({ type: "exportPng", png: picturePng(picture, readPalette()), suggestedName: `${name}.png` }),
    ),
  );
}
