/**
 * Makes the extension's package for one platform, with only that platform's native files:
 * `node scripts/package.mjs [--target linux-x64] [--out FILE.vsix] [--list]` (default: this platform).
 * `--images URL` is the https address of docs/ from which the extension's page takes its pictures; without it, it has none.
 * `--list` prints the files instead of packing them. The bundles in dist/ must be built.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createVSIX, listFiles, PackageManager } from "@vscode/vsce";
import { extensionPage } from "./page.mjs";
import { targets } from "./targets.mjs";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: `${process.platform}-${process.arch}` },
    out: { type: "string" },
    images: { type: "string" },
    list: { type: "boolean", default: false },
  },
});
const natives = targets[values.target];
if (!natives) {
  console.error(`No package for ${values.target}: choose one of ${Object.keys(targets).join(", ")}.`);
  process.exit(2);
}

// The common rules, then the one line that differs.
const folder = mkdtempSync(join(tmpdir(), "rome-package-"));
const ignoreFile = join(folder, "ignore");
const common = readFileSync(".vscodeignore", "utf8");
writeFileSync(ignoreFile, `${common}\n!node_modules/onnxruntime-node/bin/napi-v6/${natives}/**\n`);
const readmePath = "dist/page.md";
mkdirSync("dist", { recursive: true });
// A list is of names: the page that another run is packing meanwhile stays as that one wrote it.
if (!values.list || !existsSync(readmePath)) writeFileSync(readmePath, extensionPage(values.images));
try {
  if (values.list) {
    const files = await listFiles({ packageManager: PackageManager.Npm, ignoreFile, readmePath });
    console.log(files.sort().join("\n"));
  } else {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    const packagePath = values.out ?? `rome-gender-vectors-${values.target}-${version}.vsix`;
    await createVSIX({
      target: values.target,
      packagePath,
      ignoreFile,
      readmePath,
      skipLicense: false,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
    console.log(packagePath);
  }
} finally {
  rmSync(folder, { recursive: true });
}
