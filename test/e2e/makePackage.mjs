import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { images, project, work } from "./paths.mjs";

/** Builds and packs the extension as it is shipped, its page's pictures at an address of ours; gives the package's path. */
export function makePackage() {
  mkdirSync(work, { recursive: true });
  const file = join(work, "rome.vsix");
  const run = (...args) =>
    execFileSync(process.execPath, args, { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
  run("scripts/build.mjs", "--minify");
  run("scripts/package.mjs", "--out", file, "--images", images);
  return file;
}
