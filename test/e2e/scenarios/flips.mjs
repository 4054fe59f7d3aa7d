/** Flips from the editor, their cards, and what the sidebar does with them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chooseConcept, complete, flipped, hoverOver, said, timedFlip } from "./steps.mjs";

const warmFlips = [
  { name: "Margaret", line: 3, column: 2 },
  { name: "David", line: 2, column: 16 },
  { name: "Brittany", line: 2, column: 2 },
];

export const flipScenarios = [
  {
    name: "palette, cursor on a name: the card has the flipped completion",
    async run(bench, figures) {
      await bench.openFile("people.txt", 1, 2);
      assert.deepEqual(bench.engines(), []);
      figures.add("flip, cold engine", await timedFlip(bench, "Ben"));
      const text = await said(bench, "Ben");
      assert.match(text, /before male\b/);
      assert.match(text, /after female\b/);
      await bench.card("Ben").getByRole("button", { name: "people.txt:1" }).waitFor();
      await bench.editsTree().filter({ hasText: "Ben" }).first().waitFor();
    },
  },
  {
    name: "further flips with a warm engine",
    async run(bench, figures) {
      for (const { name, line, column } of warmFlips) {
        await bench.openFile("people.txt", line, column);
        figures.add("flip, warm engine", await timedFlip(bench, name));
      }
      assert.match(await said(bench, "Margaret"), /before female\b.*after male\b/);
      assert.equal(bench.engines().length, 1);
    },
  },
  {
    name: "a hover says that an edit is on, and switches it off",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      const hover = await hoverOver(bench, "Brittany");
      assert.match(
        await bench.text(hover),
        /the model says female \(\d+\.\d %\).* with its edit now male · switch off/,
      );
      await hover.getByText("switch off").click();
      await bench.card("Brittany").locator('.card-live[data-on="false"]').waitFor();
      // The workbench keeps a hover open that was clicked.
      await bench.page.keyboard.press("Escape");
      await bench.card("Brittany").getByRole("checkbox", { name: "Edit on" }).click();
      await bench.card("Brittany").locator('.card-live[data-on="true"]').waitFor();
    },
  },
  {
    name: "selected lines of a table are flipped in one batch",
    async run(bench) {
      await bench.openFile("table.csv", 2, 1);
      await bench.page.keyboard.press("Shift+ArrowDown");
      await bench.page.keyboard.press("Shift+End");
      await bench.command("ROME: Flip Gender");
      await flipped(bench, "Ani");
      await flipped(bench, "Edward");
    },
  },
  {
    name: "an empty place asks for a name and says what is wrong with it",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      await bench.ask("ROME: Flip Gender", "Flip Gender");
      await bench.input().fill("B3n");
      await bench.row("is not a name").waitFor();
      await bench.input().fill("Sabrina");
      await bench.row("Sabrina").waitFor();
      await bench.page.keyboard.press("Enter");
      await flipped(bench, "Sabrina");
    },
  },
  {
    name: "switching the edit off brings the old completion back",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      assert.equal(await complete(bench, "Name: Sabrina. Gender:"), "male");
      const row = bench.editsTree().filter({ hasText: "Sabrina" }).first();
      await row
        .locator(".monaco-custom-toggle, input[type=checkbox], .custom-view-tree-node-item-checkbox")
        .first()
        .click();
      await bench.card("Sabrina").locator('.card-live[data-on="false"]').waitFor();
      assert.equal(await complete(bench, "Name: Sabrina. Gender:"), "female");
    },
  },
  {
    name: "the gender vector turns a name, with the sign that changes it, and leaves a switch",
    async run(bench) {
      await bench.openFile("table.csv", 5, 2);
      await bench.command("ROME: Apply Vector…");
      await bench
        .card("Oliver")
        .locator(".card-gist", { hasText: /^−\d\.\d\d g · changed/ })
        .waitFor();
      assert.match(await said(bench, "Oliver"), /before male\b.*after female\b/);
      assert.equal(await complete(bench, "Name: Oliver. Gender:"), "female");
      await bench.card("Oliver").getByRole("checkbox", { name: "Edit on" }).click();
      await bench.card("Oliver").locator('.card-live[data-on="false"]').waitFor();
      assert.equal(await complete(bench, "Name: Oliver. Gender:"), "male");
    },
  },
  {
    name: "what is flipped is offered back, code asks, and prose gives its names to confirm",
    async run(bench) {
      await bench.openFile("people.txt", 1, 2);
      const before = await bench.cards("Ben").count();
      await bench.command("ROME: Flip Gender");
      const offer = bench.page.locator(".notification-list-item", { hasText: "Ben is flipped already" }).first();
      await offer.getByRole("button", { name: "Flip Back" }).click();
      await bench.card("Ben").locator('.card-live[data-on="false"]').waitFor();
      assert.equal(await bench.cards("Ben").count(), before);
      await bench.openFile("code.py", 1, 2);
      await bench.ask("ROME: Flip Gender", "Flip Gender");
      await bench.input().fill("Juliss");
      await bench.row(/^Julissa/).waitFor();
      await bench.page.keyboard.press("Escape");
      await bench.openFile("people.txt", 2, 1);
      await bench.page.keyboard.press("Shift+End");
      await bench.command("ROME: Flip Gender");
      await bench.row("Brittany").waitFor();
      await bench.row("David").waitFor();
      await bench.page.keyboard.press("Escape");
    },
  },
  {
    name: "the results are exported to a file",
    async run(bench) {
      for (const [file, expected] of [
        ["flips.csv", /^name,from,to,.*\r\n(?:.*\r\n)*Ben,male,female,true,/],
        ["flips.md", /### Ben · male → female\n/],
      ]) {
        const path = join(bench.workspace, file);
        await bench.command("ROME: Export Results…");
        await bench.answerFile(path);
        await bench.page.locator(".notification-list-item-message", { hasText: `Saved ${file}` }).waitFor();
        assert.match(readFileSync(path, "utf8"), expected);
        await bench.command("Notifications: Clear All Notifications");
      }
    },
  },
  {
    name: "another concept is chosen: the same name is flipped between its answers, and gender comes back",
    async run(bench) {
      await chooseConcept(bench, "London and Paris");
      await bench.openFile("people.txt", 4, 1);
      await bench.ask("ROME: Flip Name", "Flip Name");
      await bench.input().fill("Kevin");
      await bench.row("Kevin").waitFor();
      await bench.page.keyboard.press("Enter");
      await flipped(bench, "Kevin");
      assert.match(await said(bench, "Kevin"), /Name: Kevin\. Location: .*P\(Paris\)|P\(London\)/);
      await chooseConcept(bench, "gender");
    },
  },
  {
    name: "the edits that are on are saved as a file",
    async run(bench) {
      const file = join(bench.workspace, "saved.romedit");
      await bench.command("ROME: Save Edits That Are On…");
      await bench.answerFile(file);
      await bench.page
        .locator(".notification-list-item-message", { hasText: /Saved \d+ edits? in saved\.romedit\./ })
        .waitFor();
      await bench.command("Notifications: Clear All Notifications");
      await bench.show("saved.romedit");
      await bench.editFile().getByText("made for embedded").waitFor();
      await bench.command("View: Close Editor");
    },
  },
];
