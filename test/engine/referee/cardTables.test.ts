import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseCard } from "../../../scripts/refereePage.ts";
import { cardMarkdown, cardTex } from "../../../src/engine/referee/cardTables.ts";

const folder = join(import.meta.dirname, "../../../docs/referee");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

it.each(files)("%s: every row of its tables has the cells of its head, in Markdown and in LaTeX", (name) => {
  const card = parseCard(readFileSync(join(folder, name), "utf8"));
  const blocks = cardMarkdown(card).split("\n\n");
  const tables = blocks.filter((block) => block.startsWith("| "));
  expect(tables).toHaveLength(3);
  for (const table of tables) {
    const widths = table.split("\n").map((line) => line.replaceAll("\\|", "").split("|").length);
    expect(new Set(widths).size, table).toBe(1);
  }

  const tex = cardTex(card);
  const tabulars = [...tex.matchAll(/\\begin\{tabular\}\{(l+)\}([\s\S]*?)\\end\{tabular\}/g)];
  expect(tabulars).toHaveLength(3);
  for (const [, columns = "", body = ""] of tabulars) {
    const rows = body.split("\n").filter((line) => line.endsWith("\\\\"));
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) expect(row.split(/(?<!\\)&/), row).toHaveLength(columns.length);
  }
  const notes = card.checks.flatMap((check) => check.notes);
  expect(tex.match(/^\\item /gm) ?? []).toHaveLength(notes.length);
  // What LaTeX reads as its own is quoted, but in the comments in front.
  const quoted = tex.split("\n").filter((line) => !line.startsWith("% "));
  for (const line of quoted) expect(line.replaceAll(/\\[%#_]/g, "")).not.toMatch(/[%#_]/);
});
