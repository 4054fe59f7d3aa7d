import { readFileSync } from "node:fs";
import { commandsTable, settingsTable } from "./manifestTables.mjs";

/**
 * The extension's own page: docs/extension.md with the manifest's tables where it links to them. The editor draws only
 * pictures that lie at an https address (its sanitizer drops files of the package and data URLs), so without one they
 * are left out.
 *
 * @param {string} [images] https address of the folder docs/ of this version
 */
export function extensionPage(images) {
  const page = readFileSync("docs/extension.md", "utf8")
    .replace("[All settings](reference/editor.md#settings)", settingsTable)
    .replace("[All commands](reference/editor.md#commands)", commandsTable);
  const picture = /^(?:!\[.*\]\(pictures\/.*\)|<picture>\n[\s\S]*?<\/picture>)\n/gm;
  if (!images) return page.replace(picture, "").replace(/\n{3,}/g, "\n\n");
  const base = `${images.replace(/\/$/, "")}/`;
  return page.replace(/(?<=[("])pictures\/[^)"]+/g, (path) => new URL(path, base).href);
}
