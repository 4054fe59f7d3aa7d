/** What several scenarios do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { project } from "../paths.mjs";

/** Time from a palette row to a card that is done, in milliseconds. */
export async function timedFlip(bench, name) {
  await bench.palette("F1", ">ROME: Flip Gender");
  const row = bench.row("ROME: Flip Gender");
  await row.waitFor();
  const before = await bench.cards(name).count();
  const begin = performance.now();
  await row.click();
  // An earlier flip of the name has the same title: until there is one more, the newest is not this one's.
  await bench.cards(name).nth(before).waitFor();
  await flipped(bench, name);
  return performance.now() - begin;
}

/** Runs a card's request again, and waits for the new card's result. */
export async function runAgain(bench, name) {
  const before = await bench.cards(name).count();
  const card = bench.card(name);
  const head = card.locator(".card-head");
  if ((await head.getAttribute("aria-expanded")) === "false") await head.click();
  await card.getByRole("button", { name: /again/ }).click();
  await bench.cards(name).nth(before).waitFor();
  await flipped(bench, name);
}

/** Waits for the newest card of a name to have its result: an edit that is on, or one that was rolled back. */
export async function flipped(bench, name) {
  await bench.card(name).locator('.card-live:visible, .card-gist[data-tone="warning"]').first().waitFor();
}

/** What a card says, unfolded, in one line. */
export async function said(bench, title) {
  const card = bench.card(title);
  const head = card.locator(".card-head");
  if ((await head.getAttribute("aria-expanded")) === "false") await head.click();
  return bench.text(card.locator(".card-body"));
}

/** Completes a prompt by the palette; gives the first word after "Gender:". */
export async function complete(bench, prompt) {
  const title = bench.page.locator(".card-title", { hasText: prompt.slice(0, 10) });
  const cards = bench.results().locator(".card").filter({ has: title });
  const before = await cards.count();
  await bench.ask("ROME: Complete Prompt…", "Complete Prompt");
  await bench.answer("Complete Prompt", prompt);
  await bench.until("a card of its own", async () => (await cards.count()) > before);
  const card = cards.first();
  const completion = /Gender: (\w+)/;
  await bench.until("a completion", async () => completion.test(await bench.text(card.locator(".card-body"))));
  return completion.exec(await bench.text(card.locator(".card-body")))[1];
}

/** Shows a tab of the lab. */
export async function labTab(bench, title) {
  const tab = bench.lab().getByRole("tab", { name: title });
  // A lab that comes back from behind another editor is loaded anew, and a click before that is lost.
  await bench.until(`the tab ${title} is chosen`, async () => {
    await tab.click();
    await bench.page.waitForTimeout(300);
    return (await tab.getAttribute("aria-selected").catch(() => null)) === "true";
  });
}

/** What axe-core finds serious in a webview, which is a part of the editor's window and has not all of a document. */
export async function serious(view) {
  const body = view.locator("body");
  await body.evaluate(axe.source);
  return body.evaluate(async () => {
    const rules = { region: { enabled: false }, "page-has-heading-one": { enabled: false } };
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"], rules });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))}`);
  });
}

/** Rests the mouse on a word of the active editor; gives the hover. */
export async function hoverOver(bench, word) {
  const { x, y } = await bench.wordPosition(word);
  const hover = bench.page.locator(".monaco-hover:not(.hidden)");
  // Beyond the largest hover of a line above, which stays while the mouse is on it.
  await bench.page.mouse.move(x + 200, y + 400);
  await hover.waitFor({ state: "hidden" });
  await bench.page.mouse.move(x, y);
  const content = hover.locator(".hover-contents .rendered-markdown").filter({ hasText: word }).first();
  await content.waitFor();
  return content;
}

/** Chooses Record Experiment in the explorer's menu of a names file. */
export async function askToRecord(bench, name) {
  const file = bench.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name });
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
}

/** Makes everything be about another concept. */
export async function chooseConcept(bench, name) {
  await bench.ask("ROME: Choose Concept…", "Choose Concept");
  await bench.input().fill(name);
  // Rows move while the list of commands becomes that of concepts, and a click hits the row beside.
  const focused = bench.page.locator(".quick-input-list .monaco-list-row.focused");
  await focused.filter({ hasText: new RegExp(`^${name}`) }).waitFor();
  await bench.page.keyboard.press("Enter");
  await bench.page.locator(".statusbar", { hasText: `Everything is about ${name} now.` }).waitFor();
}

/** New names that a vector is tried on: a tenth of the usual ones, which take most of a recording's time. */
const fresh = 40;

/** The usual concept for names-small.csv, with fewer new names: files of a workspace by their paths. */
export function smallConcept(name) {
  const read = (file) => readFileSync(join(project, "data", file), "utf8");
  const [header, ...lines] = read("names-new.csv").trim().split("\n");
  const few = ["female", "male"].flatMap((label) =>
    lines.filter((line) => line.endsWith(`,${label}`)).slice(0, fresh / 2),
  );
  const usual = JSON.parse(read("gender.json"));
  const names = { file: "names-small.csv", column: "gender", newNames: `names-${name}.csv` };
  return {
    [`${name}.concept.json`]: JSON.stringify({ ...usual, name, names }),
    [names.newNames]: `${[header, ...few].join("\n")}\n`,
  };
}
