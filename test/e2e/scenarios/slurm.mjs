/** An experiment in the hands of a real Slurm, from the editor. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { work } from "../paths.mjs";
import { askToRecord } from "./steps.mjs";

const shards = 3;

/** Looks at the jobs now until their row says this. */
async function jobsSay(bench, pattern, timeout) {
  const row = bench.page.locator(".part.sidebar .monaco-list-row", { hasText: pattern });
  await bench.until(
    `the jobs say ${pattern}`,
    async () => {
      await bench.command("ROME: Look at Jobs Now");
      return row
        .first()
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
    },
    timeout,
  );
  return row.first();
}

export const slurmScenarios = [
  {
    name: "an experiment is handed to Slurm, its shards are told, and the report opens once it is merged",
    timeout: 1_200_000,
    async run(bench) {
      await askToRecord(bench, "names-small.csv");
      await bench.row("This Machine").waitFor();
      await bench.page.screenshot({ path: join(work, "slurm-where.png") });
      await bench.row("Slurm…").click();
      const asked = (text) => bench.page.locator(".quick-input-message", { hasText: text }).waitFor();
      await asked("Into how many shards");
      await bench.input().fill("none");
      await bench.page.locator(".quick-input-message", { hasText: "A whole number from 1." }).waitFor();
      await bench.input().fill(String(shards));
      await bench.page.keyboard.press("Enter");
      await asked("Flags of sbatch");
      await bench.input().fill("--partition main --time 10:00");
      await bench.page.keyboard.press("Enter");
      const dialog = bench.page.locator(".monaco-dialog-box");
      await dialog.getByRole("button", { name: "Record" }).click();
      const row = await jobsSay(bench, new RegExp(`[01] of ${shards} shards`));
      assert.match(await bench.text(row), /running|waiting/);
      await bench.page.screenshot({ path: join(work, "slurm-jobs.png") });
      await jobsSay(bench, new RegExp(`${shards} of ${shards} shards · merging`), 300_000);
      await bench.page.screenshot({ path: join(work, "slurm-recorded.png") });
      const report = bench.lab().getByText("Test accuracy").first();
      await bench.until(
        "the report opens",
        async () => {
          await bench.command("ROME: Look at Jobs Now");
          return report.isVisible();
        },
        800_000,
      );
      await bench.page.screenshot({ path: join(work, "slurm-report.png") });
    },
  },
];
