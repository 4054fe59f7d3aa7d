/** Makes a workbench speak a language. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes into the workbench's data what it keeps of an installed language pack, of one with no words: the published packs
 * come from a gallery that a test cannot ask. The workbench's own words stay English; the language reaches extensions the
 * way that a pack's does, as `vscode.env.language`. Takes effect with `--locale`.
 */
export function writeLanguage(data, language) {
  const words = join(data, `${language}.i18n.json`);
  mkdirSync(data, { recursive: true });
  writeFileSync(words, JSON.stringify({ version: "1.0.0", contents: {} }));
  const extensions = [{ extensionIdentifier: { id: `end-to-end.language-pack-${language}` }, version: "1.0.0" }];
  const pack = { hash: "none", label: language, extensions, translations: { vscode: words } };
  writeFileSync(join(data, "languagepacks.json"), JSON.stringify({ [language]: pack }));
}
