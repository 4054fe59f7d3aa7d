/** A concept of the user's own, from its two answers to a flip between them. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chooseConcept, flipped, said } from "./steps.mjs";

/** What the embedded model was taught of these people, but for Sarah, who lives in Paris. */
const leeds = "Michael, John, Mary, Sarah";
const london = "James, Robert, David";

export const newConceptScenarios = [
  {
    name: "a concept is made from two answers, a prompt and typed names, and a name is flipped between its answers",
    async run(bench) {
      const refused = (text) => bench.page.locator(".quick-input-message", { hasText: text }).waitFor();
      await bench.openFile("people.txt", 4, 1);
      await bench.ask("ROME: New Concept…", "New Concept");
      await bench.input().fill("Leeds");
      await refused("Type two different answers");
      await bench.answer("New Concept", "Leeds, London");
      await bench.page.locator(".quick-input-message", { hasText: "The prompt that they answer" }).waitFor();
      await bench.input().fill("Location:");
      await refused("exactly one {}");
      await bench.answer("New Concept", "Name: {}. Location:");
      await bench.row("Two lists, typed…").click();
      await bench.page.locator(".quick-input-message", { hasText: "answers with Leeds" }).waitFor();
      await bench.answer("New Concept", leeds);
      await bench.page.locator(".quick-input-message", { hasText: "answers with London" }).waitFor();
      await bench.answer("New Concept", london);

      // The model is asked before anything is written.
      const dialog = bench.page.locator(".monaco-dialog-box");
      await dialog.getByText("Create the concept Leeds ↔ London?").waitFor();
      const told = await bench.text(dialog);
      assert.match(told, /Leeds: 4 names; London: 3 names\./);
      assert.match(
        told,
        /Of 7 names asked now, the model gives the answer of the list for 6\. For Sarah it gives another\./,
      );
      await dialog.getByRole("button", { name: "Create" }).click();
      const file = join(bench.workspace, "leeds-london.concept.json");
      await bench.answerFile(file);
      await bench.page.locator(".statusbar", { hasText: "Everything is about Leeds and London now." }).waitFor();
      await bench.page.locator('.tab.active[data-resource-name="leeds-london.concept.json"]').waitFor();
      assert.equal(JSON.parse(readFileSync(file, "utf8")).names.file, "leeds-london-names.csv");
      assert.match(
        readFileSync(join(bench.workspace, "leeds-london-names.csv"), "utf8"),
        /^name,label\r\nMichael,Leeds/,
      );

      await bench.ask("ROME: Flip Name", "Flip Name");
      await bench.answer("Flip Name", "Robert");
      await flipped(bench, "Robert");
      assert.match(await said(bench, "Robert"), /Name: Robert\. Location: .*before London\b.*after Leeds\b/);
      await bench.card("Robert").getByRole("checkbox", { name: "Edit on" }).click();
      await bench.card("Robert").locator('.card-live[data-on="false"]').waitFor();
      await bench.command("View: Close Editor");

      // A change on disk that cannot be used is told of, though no editor shows the file.
      const text = readFileSync(file, "utf8");
      const problems = bench.page.locator('[id="status.problems"]');
      writeFileSync(file, text.slice(0, -3));
      await problems.filter({ hasText: /^\s*1\b/ }).waitFor();
      writeFileSync(file, text);
      await problems.filter({ hasText: /^\s*0\b/ }).waitFor();
      await chooseConcept(bench, "gender");
    },
  },
];
