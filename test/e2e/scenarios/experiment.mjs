/** An experiment of the user's own. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep, succeeds } from "../workbench.mjs";
import { askToRecord, chooseConcept, serious, smallConcept } from "./steps.mjs";

const names = 120;
export const experimentScenarios = [
  {
    name: "mistakes are marked in the chosen names file alone, and a quick fix mends another spelling",
    async run(bench) {
      const file = join(bench.workspace, "mistakes.csv");
      writeFileSync(file, "name,gender\nBen,m\nAnna,female\nB3n,male\n");
      const marks = bench.page.locator(".editor-group-container").first().locator(".squiggly-error");
      await bench.openFile("mistakes.csv", 2, 5);
      await sleep(2000);
      assert.equal(await marks.count(), 0, "a file that nobody chose is left alone");
      await bench.change({ "rome.namesFile": file }, { machine: true });
      await bench.openFile("mistakes.csv", 2, 5);
      await marks.nth(1).waitFor();
      // A question that the workbench asks by itself, after a mark or a move, takes the place of ours.
      const fix = bench.page.locator(".action-widget").getByText("Write “male” for “m”");
      await bench.until("the fixes are listed", async () => {
        await bench.command("Quick Fix...");
        return succeeds(fix.waitFor({ timeout: 5000 }));
      });
      await fix.click();
      await bench.until("the file is mended", () => readFileSync(file, "utf8").includes("Ben,male\n"));
      // About the time when it saves a file the workbench may take no notice of a change from outside: its editor goes on
      // showing the old text. The marks are to follow what the editor shows.
      await bench.page.locator(".tab.active.dirty").waitFor({ state: "detached" });
      await bench.until("the editor shows the change from outside", async () => {
        writeFileSync(file, "name,gender\nBen,male\nAnna,female\n");
        await sleep(1000);
        return !(await bench.text(bench.lines())).includes("B3n");
      });
      await marks.first().waitFor({ state: "detached" });
      await bench.command("View: Close Editor");
      await bench.change({}, { machine: true });
    },
  },
  {
    name: "a small experiment is told, recorded, cancelled and resumed without the lab, and typing stays smooth",
    timeout: 600_000,
    async run(bench, figures) {
      for (const [path, text] of Object.entries(smallConcept("recorded")))
        writeFileSync(join(bench.workspace, path), text);
      await chooseConcept(bench, "recorded");
      await askToRecord(bench, "names-small.csv");
      const dialog = bench.page.locator(".monaco-dialog-box");
      const here = bench.row("This Machine");
      await dialog.or(here).first().waitFor();
      // Asked where a cluster is at hand, too.
      if (await here.isVisible()) await here.click();
      await dialog.getByText(`Record ${names} names of names-small.csv?`).waitFor();
      assert.match(await bench.text(dialog), /The edits are kept in .*experiments/);
      await dialog.getByRole("button", { name: "Record" }).click();
      const recording = bench.lab().locator(".recording");
      const kept = async () => Number(new RegExp(`(\\d+) of ${names}`).exec(await bench.text(recording))?.[1] ?? 0);
      await bench.until("some names are recorded", async () => (await kept()) > 0);
      await recording.getByRole("button", { name: "Cancel" }).click();
      const resume = recording.getByRole("button", { name: "Resume" });
      await resume.waitFor();
      const before = await kept();
      assert.ok(before > 0 && before < names, `${before} of ${names} are kept`);
      await resume.click();
      await bench.until("it goes on where it stopped", async () => (await kept()) >= before);
      // Without the lab the status bar tells how far it is, and the end is announced.
      await bench.command("View: Close All Editors");
      await bench.page.locator('.statusbar-item[id$=".recording"]', { hasText: /\d+ of \d+/ }).waitFor();
      await bench.openFile("notes.txt", 1, 1);
      const sentence = "The editor stays smooth while names are recorded.";
      await bench.page.keyboard.type(sentence, { delay: 30 });
      await bench.until("the sentence is there", async () => (await bench.text(bench.lines())).includes(sentence));
      const done = bench.page.locator(".notification-list-item", { hasText: "The experiment is recorded." });
      await done.first().waitFor({ timeout: 500_000 });
      await bench.command("Notifications: Show Notifications");
      await bench.page.locator(".notifications-center").getByRole("button", { name: "Open Report" }).click();
      await bench.lab().getByText("Test accuracy").first().waitFor();
      await bench.command("View: Close All Editors");
      await bench.command("ROME: Compare Experiments…");
      await bench.row(/recorded · 120 names/).click();
      await bench.page.locator(".quick-input-title", { hasText: "the second experiment" }).waitFor();
      await bench.row(/came with the extension/).click();
      const compared = bench.editorPage().locator("tbody tr", { hasText: "Edits" }).first();
      await bench.until("both stand side by side", async () => /120.*1,000.*\+880/.test(await bench.text(compared)));
      await bench.command("View: Close All Editors");
      await chooseConcept(bench, "gender");
      const delays = [...bench.log().matchAll(/Event-loop delay while recording: .* p99 (\d+\.\d) ms/g)];
      assert.equal(delays.length, 2);
      for (const [, p99] of delays) figures.add("event-loop delay while recording, p99", Number(p99));
    },
  },
  {
    name: "the list of experiments opens one, and sets two side by side, where axe-core has no serious finding",
    async run(bench) {
      await chooseConcept(bench, "recorded");
      await bench.ask("ROME: Show Experiments…", "Experiments");
      await bench.row(/recorded · 120 names/).click();
      const tiles = bench.lab().locator(".tiles").first();
      await bench.until("its report is open", async () => /\b120\b/.test(await bench.text(tiles)));
      await bench.command("View: Close All Editors");
      await bench.ask("ROME: Show Experiments…", "Experiments");
      const line = bench.row(/recorded · 120 names/);
      await line.hover();
      await line.getByRole("button", { name: "Compare with…" }).click();
      await bench.page.locator(".quick-input-title", { hasText: "the second experiment" }).waitFor();
      await bench.row(/came with the extension/).click();
      await bench.editorPage().locator("canvas").first().waitFor();
      assert.deepEqual(await serious(bench.editorPage()), []);
      await bench.command("View: Close All Editors");
      await chooseConcept(bench, "gender");
    },
  },
];
