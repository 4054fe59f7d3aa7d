import { readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { commandsTable, settingsTable } from "./manifestTables.mjs";

const source = "docs/extension.md";

/**
 * The extension's own page: docs/extension.md with its pictures inside it, because the editor shows no picture from the
 * package's folder and nothing is fetched; and with the manifest's tables.
 */
export function extensionPage() {
  return readFileSync(source, "utf8")
    .replace("<!-- settings -->", settingsTable())
    .replace("<!-- commands -->", commandsTable())
    .replace(/\]\((pictures\/[^)]+)\)/g, (_, path) => {
      const bytes = readFileSync(join(dirname(source), path));
      return `](data:image/${extname(path).slice(1)};base64,${bytes.toString("base64")})`;
    });
}
