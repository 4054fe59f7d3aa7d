/** An experiment in the hands of a real Slurm, from the editor. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project, work } from "../paths.mjs";
import { askToRecord, chooseConcept, smallConcept } from "./steps.mjs";

const shards = 3;

/** So many names that the shards are still at it when somebody looks. */
export const slurmFiles = () => ({
  ...smallConcept("few"),
  "names-many.csv": readFileSync(join(project, "data/names.csv"), "utf8"),
});

/** Presses the Jobs view's button. The view goes when all jobs are done, so that there may be none. */
async function look(bench) {
  await bench.page
    .getByRole("button", { name: "Look at Jobs Now" })
    .click({ timeout: 1000 })
    .catch(() => {});
}

/** Looks at the jobs until their row says this. */
async function jobsSay(bench, pattern) {
  const row = bench.page.locator(".part.sidebar .monaco-list-row", { hasText: pattern });
  await bench.until(
    `the jobs say ${pattern}`,
    async () => {
      await look(bench);
      return row.isVisible();
    },
    300_000,
  );
}

export const slurmScenarios = [
  {
    name: "an experiment is handed to Slurm, its shards are told, and the report opens once it is merged",
    timeout: 1_200_000,
    async run(bench) {
      await chooseConcept(bench, "few");
      await askToRecord(bench, "names-many.csv");
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
      await bench.input().fill("--partition main --time 1:00:00");
      await bench.page.keyboard.press("Enter");
      const dialog = bench.page.locator(".monaco-dialog-box");
      await dialog.getByRole("button", { name: "Record" }).click();
      await jobsSay(bench, new RegExp(`[012] of ${shards} shards.* [12] running`));
      await bench.page.screenshot({ path: join(work, "slurm-jobs.png") });
      // Merging may be over between two looks.
      const report = bench.lab().getByText("Test accuracy").first();
      await bench.until(
        "the report opens",
        async () => {
          await look(bench);
          return report.isVisible();
        },
        800_000,
      );
      await bench.page.screenshot({ path: join(work, "slurm-report.png") });
    },
  },
];
