/** An experiment of the user's own. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const names = 120;

export const experimentScenarios = [
  {
    name: "a names file with mistakes is marked where they are, and no longer once they are mended",
    async run(bench) {
      const file = join(bench.workspace, "mistakes.csv");
      writeFileSync(file, "name,gender\nBen,male\nAnna,femal\n");
      await bench.openFile("mistakes.csv", 3, 1);
      const marks = bench.page.locator(".editor-group-container").first().locator(".squiggly-error");
      await marks.first().waitFor();
      writeFileSync(file, "name,gender\nBen,male\nAnna,female\n");
      await marks.first().waitFor({ state: "detached" });
      await bench.command("View: Close Editor");
    },
  },
  {
    name: "a small experiment is recorded, cancelled and resumed, and typing stays smooth",
    timeout: 600_000,
    async run(bench, figures) {
      const file = bench.page.locator(".explorer-folders-view .monaco-list-row", { hasText: "names-small.csv" });
      if (!(await file.isVisible())) await bench.page.keyboard.press("Control+Shift+E");
      // Rows move while the explorer learns of new files, and a click hits the row beside.
      const item = bench.page.locator(".context-view .action-item", { hasText: "Record Experiment" });
      await bench.until("the names file's menu is open", async () => {
        await bench.page.keyboard.press("Escape");
        await file.click({ button: "right" });
        return item.isVisible();
      });
      // A context menu takes no click for a moment after it has opened; the keyboard it takes at once.
      await item.hover();
      await bench.page.locator(".context-view .action-item.focused", { hasText: "Record Experiment" }).waitFor();
      await bench.page.keyboard.press("Enter");
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
      await bench.openFile("notes.txt", 1, 1);
      const sentence = "The editor stays smooth while names are recorded.";
      await bench.page.keyboard.type(sentence, { delay: 30 });
      await bench.until("the sentence is there", async () => (await bench.text(bench.lines())).includes(sentence));
      await recording.waitFor({ state: "hidden", timeout: 500_000 });
      await bench.lab().getByText("Test accuracy").first().waitFor();
      const delays = [...bench.log().matchAll(/Event-loop delay while recording: .* p99 (\d+\.\d) ms/g)];
      assert.equal(delays.length, 2);
      for (const [, p99] of delays) figures.add("event-loop delay while recording, p99", Number(p99));
    },
  },
];
