/**
 * Pictures of every view in the four themes: `npm run screenshots -- [--vsix FILE] [--page] [--only lab-trace]`. They go
 * to test/e2e/work/screenshots; the ones that README.md and docs show are also written to docs/pictures. With --page, only
 * the extension's own page is taken, as a whole; with --only, one tab of the lab.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makePackage } from "./makePackage.mjs";
import { missing, project, work } from "./paths.mjs";
import { saveEdit } from "./scenarios/editFile.mjs";
import { openExtensionPage } from "./scenarios/page.mjs";
import { labTab } from "./scenarios/steps.mjs";
import { setTheme, themes } from "./themes.mjs";
import { sleep, Workbench } from "./workbench.mjs";

/** Shown in README.md and docs; of the lab, without the editor beside it. */
const chosen = new Set([
  "results-dark",
  "hover-light",
  "lab-experiment-dark",
  "lab-referee-dark",
  "lab-trace-dark",
  "lab-lens-dark",
  "lab-attribution-light",
  "lab-specificity-light",
  "edit-file-light",
]);
/** Time for charts and colours to settle after a change of theme; what they draw has no event to wait for. */
const settleMs = 700;
/** For the measurements of the lab on a busy machine. */
const slowMs = 300_000;
/** For the referee's eight checks with few names. */
const trialMs = 900_000;

const out = join(work, "screenshots");
const pictures = join(project, "docs/pictures");

/** The current view in each theme. */
async function inEveryTheme(bench, name, prepare = async () => {}) {
  for (const kind of Object.keys(themes)) {
    await setTheme(bench, kind);
    await prepare();
    await sleep(settleMs);
    const file = `${name}-${kind}.png`;
    await bench.page.screenshot({ path: join(out, file) });
    if (!chosen.has(`${name}-${kind}`)) continue;
    const alone = name.startsWith("lab-") ? bench.page.locator(".editor-group-container").last() : bench.page;
    await alone.screenshot({ path: join(pictures, file) });
  }
  console.log(name);
}

/** The extension's own page from its first line to its last, in a window that is high enough. */
async function takePage() {
  await openExtensionPage(bench);
  await bench.page.keyboard.press("Control+b");
  await bench.page.setViewportSize({ width: 1100, height: 7500 });
  await inEveryTheme(bench, "page");
}

/** The lab's pictures, in the order of a session: which tab, and what is done in it first. */
const labScenes = [
  {
    name: "lab-flip",
    title: "Flip",
    async prepare(tab) {
      await tab.locator('.flip-form vscode-text-field[aria-label="Name"] input').fill("Ben");
      await tab.locator(".flip-form").getByRole("button", { name: /^Flip/ }).click();
      await tab.locator(".outcome").getByText("female", { exact: true }).first().waitFor();
    },
  },
  { name: "lab-experiment", title: "Experiment" },
  { name: "lab-vector", title: "Vector" },
  {
    name: "lab-referee",
    title: "Referee",
    async prepare(tab) {
      await tab.getByRole("button", { name: "Try It", exact: true }).click();
      await tab.getByRole("heading", { name: "Verdict card" }).waitFor({ timeout: trialMs });
    },
  },
  {
    name: "lab-trace",
    title: "Causal trace",
    async prepare(tab) {
      await tab.getByRole("combobox").click();
      await tab.getByRole("option", { name: "Average over names of the names file" }).click();
      await tab.getByRole("button", { name: "Trace", exact: true }).click();
      await tab.getByText("Strongest:").first().waitFor({ timeout: slowMs });
    },
  },
  { name: "lab-lens", title: "Lens", prepare: async (tab) => (await lookAtCells(tab)).click() },
  { name: "lab-attribution", title: "Attribution", prepare: lookAtCells },
  {
    name: "lab-prompt",
    title: "Prompt",
    async prepare(tab) {
      await tab.locator(".vector-row input[type=number]").fill("-1");
      await tab.getByRole("button", { name: "Run", exact: true }).click();
      await tab.getByText("Token by token").waitFor({ timeout: slowMs });
    },
  },
  {
    name: "lab-specificity",
    title: "Specificity",
    async prepare(tab) {
      await tab.getByRole("button", { name: "Evaluate" }).click();
      await tab.getByText("“Name: Ben. Gender:” now goes on").waitFor({ timeout: slowMs });
    },
  },
  {
    name: "lab-layers",
    title: "Specificity",
    async prepare(tab) {
      await tab.getByRole("button", { name: "Which Layer?" }).click();
      const layers = tab.locator("figure", { hasText: "Which layer?" });
      await layers.getByRole("img").waitFor({ timeout: slowMs });
      await layers.scrollIntoViewIfNeeded();
    },
  },
];

/** Looks inside; gives the grid's cell at the last layer and token. */
async function lookAtCells(tab) {
  await tab.getByRole("button", { name: "Look", exact: true }).click();
  const corner = tab.locator(".cell-grid tbody tr").first().locator(".cell").last();
  await corner.waitFor({ timeout: slowMs });
  return corner;
}

/** Tabs of the lab alone, at the width it is used at. */
async function takeLab(scenes) {
  await bench.openFile("people.txt", 4, 1);
  await bench.command("ROME: Open Lab");
  await labTab(bench, "Flip");
  await bench.page.keyboard.press("Control+b");
  for (const { name, title, prepare } of scenes) {
    await labTab(bench, title);
    await prepare?.(bench.lab().getByRole("tabpanel", { name: title }));
    await inEveryTheme(bench, name);
  }
}

/** Every view, in the order of a session. */
async function takeViews() {
  await bench.command("ROME: Focus on Results View");
  await bench.results().getByText("Flip a Name").waitFor();
  await inEveryTheme(bench, "empty");
  for (const [line, name] of [
    [3, "Margaret"],
    [1, "Ben"],
  ]) {
    await bench.openFile("people.txt", line, 2);
    await bench.command("ROME: Flip Gender");
    await bench.card(name).locator(".card-live").waitFor();
  }
  await inEveryTheme(bench, "results");
  await bench.goTo(4, 1);
  await inEveryTheme(bench, "hover", async () => {
    const { x, y } = await bench.wordPosition("Brittany");
    await bench.page.mouse.move(x + 250, y + 250);
    await bench.page.locator(".monaco-hover:not(.hidden)").waitFor({ state: "hidden" });
    await bench.page.mouse.move(x, y);
    await bench.page.locator(".monaco-hover:not(.hidden) img").waitFor();
  });
  await bench.page.mouse.move(600, 700);
  await takeLab(labScenes);
  await bench.command("View: Close All Editors");
  saveEdit(bench, "carl.romedit", "Carl");
  await bench.show("carl.romedit");
  await bench.editFile().getByText("1 edit · made for embedded").waitFor();
  await inEveryTheme(bench, "edit-file");
  await bench.command("Open Walkthrough");
  await bench.input().fill("Flip a Name");
  await bench.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "Flip a Name" }).first().click();
  await inEveryTheme(bench, "walkthrough");
}

const { values } = parseArgs({
  options: { vsix: { type: "string" }, page: { type: "boolean" }, only: { type: "string" } },
});
const scenes = labScenes.filter(({ name }) => name === values.only);
if (values.only && scenes.length === 0) {
  console.error(`There is no ${values.only}: choose one of ${labScenes.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}
const reason = missing();
if (reason) {
  console.error(`No screenshots: ${reason}.`);
  process.exit(1);
}
mkdirSync(out, { recursive: true });
mkdirSync(pictures, { recursive: true });
const bench = await Workbench.open({
  vsix: values.vsix ?? makePackage(),
  name: "gallery",
  size: { width: 1360, height: 860 },
});
try {
  if (values.page) await takePage();
  else if (values.only) await takeLab(scenes);
  else await takeViews();
} catch (error) {
  await bench.page.screenshot({ path: join(out, "failed.png") });
  throw error;
} finally {
  await bench.close();
}
