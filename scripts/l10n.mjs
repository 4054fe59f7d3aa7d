/**
 * Collects the texts given to `t("…")` of @vscode/l10n into l10n/bundle.l10n.json, from which translations are made.
 * `node scripts/l10n.mjs` writes it; `--check` fails when it is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const bundle = "l10n/bundle.l10n.json";

/** The first arguments of all calls of `t` in a source file; one that is no literal cannot be translated. */
function textsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const texts = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "t") {
      const [text] = node.arguments;
      if (!text || !ts.isStringLiteralLike(text)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        throw new Error(`${file}:${line + 1}: t() needs a literal text`);
      }
      texts.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  if (source.text.includes('"@vscode/l10n"')) visit(source);
  return texts;
}

const files = ["src/extension", "src/webview"]
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
  .filter((file) => file.endsWith(".ts"))
  .sort();
const texts = [...new Set(files.flatMap(textsOf))].sort();
const json = `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), null, 2)}\n`;
if (process.argv.includes("--check")) {
  if (readFileSync(bundle, "utf8") !== json) {
    console.error(`${bundle} is out of date: run node scripts/l10n.mjs`);
    process.exit(1);
  }
} else writeFileSync(bundle, json);
