import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";

const targets = {
  "linux-x64": "linux/x64",
  "linux-arm64": "linux/arm64",
  "darwin-arm64": "darwin/arm64",
  "win32-x64": "win32/x64",
  "win32-arm64": "win32/arm64",
};
const natives = "node_modules/onnxruntime-node/bin/napi-v6/";

/** What the package may hold beside the native library, as patterns. */
const allowed = [
  /^(package\.json|package\.nls(\.[\w-]+)?\.json|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(extension|engine|relay|cli|results|lab|editFile|comparison)\.(js|css)$/,
  /^dist\/page\.md$/,
  /^l10n\/bundle\.l10n(\.[\w-]+)?\.json$/,
  /^media\/[\w/.-]+\.(svg|png|md)$/,
  /^media\/concept\.schema\.json$/,
  /^docs\/(concepts\/[\w-]+\.json|(devices|lens|steering)\.md|pictures\/[\w-]+\.(svg|png))$/,
  /^data\/[\w.-]+\.(csv|json)$/,
  /^models\/embedded\/[\w/.-]+$/,
  /^samples\/[\w.-]+\/report\.json$/,
  /^node_modules\/onnxruntime-node\/(package\.json|dist\/[\w./-]+\.js)$/,
  /^node_modules\/onnxruntime-common\/(package\.json|dist\/cjs\/(package\.json|[\w./-]+\.js))$/,
];
const needed = [
  "dist/extension.js",
  "dist/engine.js",
  "dist/relay.js",
  "dist/cli.js",
  "dist/page.md",
  "dist/results.js",
  "dist/results.css",
  "dist/lab.js",
  "dist/lab.css",
  "dist/comparison.js",
  "dist/comparison.css",
  "dist/editFile.js",
  "dist/editFile.css",
  "l10n/bundle.l10n.json",
  "data/names.csv",
  "data/names-new.csv",
  "data/gender.json",
  "models/embedded/model.safetensors",
  "samples/Qwen2.5-Coder-0.5B/report.json",
  "node_modules/onnxruntime-common/dist/cjs/package.json",
];
const translations = [
  ...readdirSync(".").filter((file) => /^package\.nls\..+\.json$/.test(file)),
  ...readdirSync("l10n").map((file) => `l10n/${file}`),
];
/** Largest unpacked size: 45 MB of the smallest natives, 86 MB of macOS', 20 MB of model and data, 11 MB of code (before it is minified). */
const largest = 120e6;

function filesOf(target: string): string[] {
  const out = execFileSync(process.execPath, ["scripts/package.mjs", "--list", "--target", target], {
    encoding: "utf8",
  });
  return out.trim().split("\n");
}

describe("package", () => {
  it.each(Object.entries(targets))("for %s holds what runs and nothing else", (target, folder) => {
    const files = filesOf(target);
    const libraries = files.filter((file) => file.startsWith(natives));
    expect(libraries.length).toBeGreaterThan(1);
    expect(libraries.filter((file) => !file.startsWith(`${natives}${folder}/`))).toEqual([]);
    const others = files.filter((file) => !file.startsWith(natives));
    expect(others.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    // The bundles are there once the project was built.
    const expected = [...needed, ...translations].filter((file) => existsSync(file) || !file.startsWith("dist/"));
    expect(files).toEqual(expect.arrayContaining(expected));
    const size = files.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(size).toBeLessThan(largest);
  });

  it("refuses a platform that has no native library", () => {
    expect(() =>
      execFileSync(process.execPath, ["scripts/package.mjs", "--target", "darwin-x64"], { stdio: "pipe" }),
    ).toThrow(/No package for darwin-x64/);
  });
});
