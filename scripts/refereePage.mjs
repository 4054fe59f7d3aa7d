/**
 * Writes docs/referee.md from verdict cards: no figure in it is written by hand.
 *
 *     node scripts/refereePage.mjs CARD.json…
 *
 * A card is what `rome referee FOLDER --out card.json` writes; it also lies at FOLDER/referee/card.json. With --add, the
 * cards that the page was made of before (docs/referee/) stay, and those of the same model and concept are replaced.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundled } from "./bundled.mjs";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { add: { type: "boolean" } } });
const folder = "docs/referee";
const { page, parseCard, cardId } = await bundled('export * from "./scripts/refereePage.ts";');

mkdirSync(folder, { recursive: true });
const kept = readdirSync(folder).filter((name) => name.endsWith(".json"));
if (positionals.length > 0 && !options.add) for (const name of kept) rmSync(join(folder, name));
for (const path of positionals) {
  if (!existsSync(path)) throw new Error(`There is no card at ${path}. Make it with: npx rome referee FOLDER`);
  const card = parseCard(readFileSync(path, "utf8"));
  writeFileSync(join(folder, `${cardId(card)}.json`), `${JSON.stringify(card, null, 1)}\n`);
}
const cards = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => parseCard(readFileSync(join(folder, name), "utf8")));
writeFileSync("docs/referee.md", page(cards));
