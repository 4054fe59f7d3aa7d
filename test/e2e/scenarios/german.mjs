/** The extension in another language than English: a window of its own, whose language is German. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../paths.mjs";
import { flipped } from "./steps.mjs";

const read = (file) => JSON.parse(readFileSync(join(project, file), "utf8"));
const manifest = read("package.nls.de.json");
const texts = read("l10n/bundle.l10n.de.json");

export const german = [
  {
    name: "in German the palette, the view and a flip's card speak German, and numbers have a comma",
    async run(bench) {
      await bench.openFile("people.txt", 1, 2);
      await bench.command(`ROME: ${manifest["command.flip"]}`);
      await flipped(bench, "Ben");
      const text = await bench.text(bench.card("Ben").locator(".card-body"));
      for (const word of ["before", "after", "Edit on"])
        assert.ok(text.includes(texts[word]), `${texts[word]}: ${text}`);
      assert.match(text, /\b\d+,\d\s%/);
      assert.doesNotMatch(text, /\d\.\d/);
      await bench.page.locator(".pane-header", { hasText: manifest["view.results"] }).first().waitFor();
      await bench.command(`ROME: ${manifest["command.openLab"]}`);
      await bench.lab().getByRole("tab", { name: texts.Vector }).waitFor();
      assert.deepEqual(bench.problems, []);
    },
  },
];
