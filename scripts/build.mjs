/** Bundles each entry point into dist/: `node scripts/build.mjs [--watch] [--minify]`. */

import { chmodSync, existsSync } from "node:fs";
import { context } from "esbuild";
import { onNode } from "./bundled.mjs";

const flags = new Set(process.argv.slice(2));
const shared = { bundle: true, sourcemap: true, minify: flags.has("--minify"), logLevel: "warning" };
const host = { ...shared, ...onNode };
const page = {
  ...shared,
  platform: "browser",
  target: "es2022",
  format: "iife",
  tsconfig: "src/webview/tsconfig.json",
};
const targets = [
  { ...host, entryPoints: { cli: "src/cli/main.ts" }, banner: { js: `#!/usr/bin/env node\n${host.banner.js}` } },
  { ...host, entryPoints: { engine: "src/engine/server/main.ts" } },
  { ...host, entryPoints: { extension: "src/extension/extension.ts" } },
  { ...host, entryPoints: { relay: "src/mcp/relay.ts" } },
  { ...page, entryPoints: { results: "src/webview/results/main.ts" } },
  { ...page, entryPoints: { lab: "src/webview/lab/main.ts" } },
  { ...page, entryPoints: { comparison: "src/webview/comparison/main.ts" } },
  { ...page, entryPoints: { editFile: "src/webview/editFile/main.ts" } },
].filter((target) => existsSync(Object.values(target.entryPoints)[0]));

for (const target of targets) {
  const build = await context({ ...target, outdir: "dist" });
  await build.rebuild();
  if (flags.has("--watch")) await build.watch();
  else await build.dispose();
}
// npm makes a program executable when it links it, and links it once for a folder's path: a later clone there is left as it is.
chmodSync("dist/cli.js", 0o755);
