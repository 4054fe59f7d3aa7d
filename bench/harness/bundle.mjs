import { join } from "node:path";
import { build } from "esbuild";

const bench = join(import.meta.dirname, "..");
export const work = join(bench, "work");

/** Bundles a TypeScript program of this folder; returns where it lies. */
export async function bundle(name) {
  const outfile = join(work, `${name}.mjs`);
  await build({
    entryPoints: [join(bench, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["onnxruntime-node"],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: "warning",
  });
  return outfile;
}
