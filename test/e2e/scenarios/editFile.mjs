/** The custom editor of `.romedit` files. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../paths.mjs";
import { complete, serious } from "./steps.mjs";

/** An edit file of the command line, in the workspace. */
export function saveEdit(bench, file, subject) {
  const request = ["--prompt", "Name: {}. Gender:", "--subject", subject, "--target", " female"];
  execFileSync(
    process.execPath,
    [join(project, "dist/cli.js"), "edit", ...request, "--save", join(bench.workspace, file)],
    { stdio: "ignore" },
  );
}

export const editFileScenarios = [
  {
    name: "a saved edit is opened, shows its health, and is switched on and off again",
    async run(bench) {
      const prompt = "Name: Carl. Gender:";
      saveEdit(bench, "carl.romedit", "Carl");
      await bench.show("carl.romedit");
      const page = bench.editFile();
      await page.getByText("1 edit · made for embedded").waitFor();
      const edit = page.locator("details.edit");
      const text = await bench.text(edit);
      for (const part of [prompt, "before", "after", "health good", "kᵀu/‖k‖", "drift"])
        assert.ok(text.includes(part), part);
      assert.deepEqual(await serious(page), []);
      assert.equal(await complete(bench, prompt), "male");
      const box = edit.getByRole("checkbox", { name: "Edit on" });
      await box.click();
      await edit.locator(".live").waitFor();
      assert.equal(await complete(bench, prompt), "female");
      await box.click();
      await edit.locator(".live").waitFor({ state: "hidden" });
      assert.equal(await complete(bench, prompt), "male");
    },
  },
  {
    name: "a damaged edit file says so, and is read again once it is whole",
    async run(bench) {
      const whole = readFileSync(join(bench.workspace, "carl.romedit"));
      const file = join(bench.workspace, "damaged.romedit");
      writeFileSync(file, whole.subarray(0, whole.length - 100));
      await bench.show("damaged.romedit");
      const page = bench.editFile();
      await page.getByRole("alert").getByText("is damaged or incomplete").waitFor();
      writeFileSync(file, whole);
      await page.getByText("1 edit · made for embedded").waitFor();
      await bench.command("View: Close All Editors");
    },
  },
];
