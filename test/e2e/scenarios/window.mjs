/** The window as a whole: reload, times, policy. */
import assert from "node:assert/strict";
import { sleep } from "../workbench.mjs";
import { complete, flipped, hoverOver, labTab, serious } from "./steps.mjs";

export const reload = {
  name: "the window is reloaded and everything is there again",
  async run(bench) {
    await bench.command("ROME: Open Lab");
    await labTab(bench, "Flip");
    await bench.lab().locator('.flip-form vscode-text-field[aria-label="Name"] input').fill("Ben");
    const lookup = bench.lab().locator(".token.lookup", { hasText: "Ben" });
    await lookup.waitFor();
    // An edit of a file, which no editor shows.
    if (!(await bench.results().locator(".card").first().isVisible()))
      await bench.command("ROME: Focus on Results View");
    const carl = bench.editsTree().filter({ hasText: "Carl" }).first();
    await carl.locator(".monaco-custom-toggle, input[type=checkbox], .custom-view-tree-node-item-checkbox").click();
    const on = bench.page.locator('.tree-explorer-viewlet-tree-view [aria-label^="Carl, male to female, on"]');
    await on.waitFor();
    // The workbench stores its editors and what extensions keep every five seconds.
    await sleep(6000);
    await bench.page.reload();
    await bench.ready();
    // What stood in and beside the lab's form; nothing has woken the engine yet.
    await bench.lab().locator(".outcome h2", { hasText: "Ben: the model now says female" }).waitFor();
    await lookup.waitFor();
    if (!(await bench.results().locator(".card").first().isVisible()))
      await bench.command("ROME: Focus on Results View");
    await bench.card("Margaret").waitFor();
    await on.waitFor();
    assert.equal(await complete(bench, "Name: Carl. Gender:"), "female");
    await bench.card("Ben").locator('.card-live[data-on="true"]').waitFor();
  },
};

export const accessibleResults = {
  name: "axe-core has no serious finding in the Results view",
  async run(bench) {
    assert.deepEqual(await serious(bench.results()), []);
  },
};

export const accessibleLab = {
  name: "axe-core has no serious finding in any tab of the lab",
  async run(bench) {
    await bench.command("ROME: Open Lab");
    const tabs = bench.lab().getByRole("tab");
    await tabs.first().waitFor();
    const findings = [];
    for (const tab of await tabs.all()) {
      await tab.click();
      await bench.until("the tab is open", async () => (await tab.getAttribute("aria-selected")) === "true");
      findings.push(...(await serious(bench.lab())));
    }
    assert.deepEqual(findings, []);
  },
};

export const walkthrough = {
  name: "the walkthrough has four steps and ends with a flipped name",
  async run(bench) {
    await bench.focusFirstGroup();
    await bench.command("Welcome: Open Walkthrough");
    await bench.input().fill("Flip a Name");
    await bench.row("Flip a Name").click();
    const steps = bench.page.locator(".getting-started-step");
    await steps.nth(3).waitFor();
    assert.equal(await steps.count(), 4);
    const last = steps.nth(3);
    if ((await last.getAttribute("aria-expanded")) !== "true") await last.click();
    await last.getByRole("button", { name: "Flip a Name" }).click();
    await bench.page.locator(".quick-input-title", { hasText: "Flip Gender" }).waitFor();
    await bench.input().fill("Julissa");
    await bench.row("Julissa").waitFor();
    await bench.page.keyboard.press("Enter");
    await flipped(bench, "Julissa");
    await last.locator(".codicon.complete").first().waitFor();
    await bench.command("View: Close Editor");
  },
};

export const times = {
  name: "the extension measures its activation and its hovers",
  async run(bench, figures) {
    await bench.openFile("people.txt", 4, 1);
    for (const name of ["David", "Ben", "Margaret"]) await hoverOver(bench, name);
    await bench.command("ROME: Copy Debug Information");
    const slowest = /hover: \d+ times, mean [\d.]+ ms, max ([\d.]+) ms/;
    await bench.until("the hovers' times", () => slowest.test(bench.log()));
    figures.add("hover", Number(slowest.exec(bench.log())[1]));
    const activations = [...bench.log().matchAll(/Activated in (\d+\.\d) ms/g)];
    assert.ok(activations.length > 0);
    for (const [, duration] of activations) figures.add("activation", Number(duration));
  },
};

export const noTrouble = {
  name: "no policy violation and no console error",
  async run(bench) {
    assert.deepEqual(bench.problems, []);
  },
};
