import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { work } from "./workbench.mjs";

const project = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Builds and packs the extension as it is shipped; gives the package's path. */
export function makePackage() {
  mkdirSync(work, { recursive: true });
  const file = join(work, "rome.vsix");
  const run = (...args) =>
    execFileSync(process.execPath, args, { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
  run("scripts/build.mjs", "--minify");
  run("scripts/package.mjs", "--out", file);
  return file;
}
