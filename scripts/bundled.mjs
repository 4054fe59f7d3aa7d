import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { build } from "esbuild";

/** How what runs on Node is bundled. */
export const onNode = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode", "onnxruntime-node"],
  // import.meta.url in a bundled ES module dependency must still name a file once the format is CommonJS.
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
};

/** What a piece of TypeScript exports, bundled and run as the program itself is: from dist/. */
export async function bundled(source) {
  mkdirSync("dist", { recursive: true });
  const outfile = resolve("dist", `script-${randomUUID()}.cjs`);
  try {
    await build({ ...onNode, stdin: { contents: source, resolveDir: ".", loader: "ts" }, outfile });
    return createRequire(import.meta.url)(outfile);
  } finally {
    rmSync(outfile, { force: true });
  }
}
