/** The engine under trouble. */
import { said, timedFlip } from "./steps.mjs";

export const engineScenarios = [
  {
    name: "an engine killed in the middle of a flip is started again, with a clear message",
    async run(bench) {
      // What is flipped already would be offered back, or switched on again.
      await bench.command("ROME: Undo All Edits");
      await bench.command("ROME: Clear Results");
      await bench.openFile("names-small.csv", 1, 1);
      await bench.page.keyboard.press("Control+a");
      // All names of the table are ticked.
      await bench.ask("ROME: Flip Gender", "Flip Gender");
      await bench.page.keyboard.press("Enter");
      const card = bench.results().locator(".card").first();
      await bench.until("the solve runs", async () => /Step [1-9]/.test(await bench.text(card)));
      for (const pid of bench.engines()) process.kill(pid, "SIGKILL");
      await bench.until("the failure is told", async () =>
        /ended while it worked on this: .*SIGKILL/.test(await bench.text(card)),
      );
      await bench.command("ROME: Clear Results");
      await bench.openFile("people.txt", 2, 2);
      await timedFlip(bench, "Brittany");
    },
  },
  {
    name: "a memory budget that holds no name is refused in words; a larger one works at once",
    async run(bench) {
      const allow = async (memoryGiB) => {
        const [old] = bench.engines();
        await bench.change({ "rome.engine.memoryGiB": memoryGiB }, { machine: true });
        await bench.until("an engine with the new budget", () => bench.engines().some((pid) => pid !== old));
      };
      await allow(0.0001);
      await bench.openFile("people.txt", 1, 2);
      await bench.command("ROME: Flip Gender");
      await bench.until("the refusal", async () =>
        /needs about \d+ MB in all; allow more memory/.test(await said(bench, "Ben")),
      );
      await allow(1);
      await timedFlip(bench, "Ben");
    },
  },
];
