/**
 * What a release is made of, up to the upload: `npm run release -- [--out FOLDER] [--target T]… [--images URL]`. Packages every target
 * into the folder with its checksum, and prints the commands that publish them; docs/release.md says what comes before.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { targets } from "./targets.mjs";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "release" },
    target: { type: "string", multiple: true },
    images: { type: "string" },
  },
});
const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
if (!readFileSync("CHANGELOG.md", "utf8").includes(`## ${version}`)) {
  console.error(`CHANGELOG.md has no section "## ${version}": write it, or change the version in package.json.`);
  process.exit(1);
}
const node = (...args) => execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
node("scripts/build.mjs", "--minify");
mkdirSync(values.out, { recursive: true });
const files = (values.target ?? Object.keys(targets)).map((target) => {
  const file = join(values.out, `${name}-${target}-${version}.vsix`);
  node("scripts/package.mjs", "--target", target, "--out", file, ...(values.images ? ["--images", values.images] : []));
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
  console.log(`${(statSync(file).size / 1e6).toFixed(1).padStart(6)} MB  ${file}`);
  return { file, hash };
});
writeFileSync(join(values.out, "SHA256SUMS"), files.map(({ file, hash }) => `${hash}  ${basename(file)}\n`).join(""));
const all = files.map(({ file }) => file).join(" ");
console.log(`\nNothing is published yet. When the packages were tried:\n  npx vsce publish --packagePath ${all}`);
console.log(`  npx ovsx publish ${all}`);
