/** Makes a workbench speak a language: that of its extensions, as a language pack would set it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createVSIX } from "@vscode/vsce";

/**
 * Packs a language pack with no words of the workbench's own, which therefore stay English: the published packs come from
 * a gallery that a test cannot ask. The language itself reaches extensions the same way, as `vscode.env.language`.
 *
 * @returns the package's path
 */
export async function makeLanguagePack(folder, language) {
  mkdirSync(folder, { recursive: true });
  const write = (name, content) => writeFileSync(join(folder, name), content);
  const localizations = [
    { languageId: language, languageName: language, translations: [{ id: "vscode", path: "./main.i18n.json" }] },
  ];
  const manifest = {
    name: `language-pack-${language}`,
    publisher: "end-to-end",
    version: "1.0.0",
    engines: { vscode: "*" },
    categories: ["Language Packs"],
    contributes: { localizations },
  };
  write("package.json", JSON.stringify(manifest));
  write("main.i18n.json", JSON.stringify({ version: "1.0.0", contents: {} }));
  write("README.md", "A language without words, for the end-to-end tests.\n");
  const packagePath = join(folder, "pack.vsix");
  await createVSIX({ cwd: folder, packagePath, allowMissingRepository: true, skipLicense: true, dependencies: false });
  return packagePath;
}
