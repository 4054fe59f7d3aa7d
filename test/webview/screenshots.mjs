/**
 * Pictures of the built views with synthetic snapshots: `node test/webview/screenshots.mjs OUT [name filter]`.
 * For looking at while working on them; needs `npm run build` and a browser (test/e2e/install.mjs).
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [out, filter = ""] = process.argv.slice(2);
if (!out) {
  console.error("Usage: node test/webview/screenshots.mjs OUT [name filter]");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const bundled = join(root, "dist/test/takePictures.mjs");
await build({
  entryPoints: [join(root, "test/webview/takePictures.ts")],
  outfile: bundled,
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "warning",
});
const { takePictures } = await import(pathToFileURL(bundled).href);
process.exitCode = await takePictures(root, out, filter);
