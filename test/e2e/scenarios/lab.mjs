/** The lab: its own flip, and charts whose points are names. */
import assert from "node:assert/strict";
import { flipped, labTab } from "./steps.mjs";

export const labScenarios = [
  {
    name: "the lab opens beside the code and runs a flip of its own",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      await bench.command("ROME: Open Lab");
      await bench.lab().getByRole("tab", { name: "Flip" }).waitFor();
      assert.equal(await bench.page.locator(".editor-group-container").count(), 2);
      await bench.lab().locator('vscode-text-field[aria-label="Name"] input').fill("Ben");
      await bench.lab().locator(".flip-form").getByRole("button", { name: /^Flip/ }).click();
      await bench.lab().locator(".outcome").getByText("female", { exact: true }).first().waitFor();
      await bench.card("Ben").locator('.card-live[data-on="true"]').waitFor();
    },
  },
  {
    name: "a point of a chart opens its name: selected in the lab, its line in the names file, its card",
    async run(bench) {
      await labTab(bench, "Experiment");
      const strip = bench.lab().getByRole("img", { name: /^Projection on the gender vector/ });
      await bench.clickPoint(strip);
      const selection = bench.lab().locator(".selection");
      const name = await bench.text(selection.locator("thead th"));
      assert.match(name, /^\p{Lu}/u);
      await bench.page.locator('.tab.active[data-resource-name="names.csv"]').waitFor();
      await bench.until("its line is shown", async () => (await bench.text(bench.lines())).includes(`${name},`));
      await selection.getByRole("button", { name: "Flip and show card" }).click();
      await flipped(bench, name);
      await bench.clickPoint(strip);
      await bench.results().locator(`.card-head[aria-expanded="true"]`, { hasText: name }).waitFor();
    },
  },
  {
    name: "the vector's tab shows rates at each scale and tries a name",
    async run(bench) {
      await labTab(bench, "Gender vector");
      const tab = bench.lab().getByRole("tabpanel", { name: "Gender vector" });
      await tab.getByText("Names that resist").first().waitFor();
      await tab.getByText("Largest components").first().waitFor();
    },
  },
];
