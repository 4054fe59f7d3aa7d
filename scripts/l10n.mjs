/**
 * Collects the texts given to `t("…")` of @vscode/l10n, and the phrases, say`…` of src/protocol/phrase.ts, into
 * l10n/bundle.l10n.json, from which translations are made.
 * `node scripts/l10n.mjs` writes it; `--check` fails when it is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const bundle = "l10n/bundle.l10n.json";

/** The text of say`…`: {0}, {1}, … where its values stand. */
function phraseOf(template) {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  return template.templateSpans.reduce((text, { literal }, i) => `${text}{${i}}${literal.text}`, template.head.text);
}

/** All phrases of a source file, and first arguments of `t`; one that is no literal cannot be translated. */
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
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === "say") texts.push(phraseOf(node.template));
    ts.forEachChild(node, visit);
  };
  if (/"@vscode\/l10n"|\/phrase\.ts"/.test(source.text)) visit(source);
  return texts;
}

const files = ["src/engine/referee", "src/extension", "src/protocol", "src/webview"]
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
