/** The extension's own page, as who installs it sees it first. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../paths.mjs";

/** Opens the page; gives its body. */
export async function openExtensionPage(bench) {
  await bench.command("Extensions: Show Installed Extensions");
  await bench.page.locator(".extensions-list .monaco-list-row", { hasText: "ROME" }).first().click();
  // A row that vanishes under the mouse would leave its tooltip.
  await bench.page.mouse.move(640, 12);
  // Other views are frames, too.
  let page;
  await bench.until("the page is shown", async () => {
    for (const frame of bench.page.frames()) {
      const text = await frame
        .locator("body")
        .innerText({ timeout: 1000 })
        .catch(() => "");
      if (text.includes("Try it in three steps")) page = frame.locator("body");
    }
    return page !== undefined;
  });
  // Each picture is drawn, at a size of its own.
  const drawn = (images) => images.every((image) => image.complete && image.naturalWidth > 0);
  await bench.until("every picture is drawn", () => page.locator("img").evaluateAll(drawn));
  return page;
}

export const extensionPage = {
  name: "the extension's page has its text, tables and pictures, and nothing on it is broken",
  async run(bench) {
    const failed = [];
    const note = (request) => failed.push(request.url().slice(0, 200));
    bench.page.on("requestfailed", note);
    try {
      const page = await openExtensionPage(bench);
      const pictures = readFileSync(join(project, "docs/extension.md"), "utf8").match(/!\[|<img/g);
      assert.equal(await page.locator("img").count(), pictures.length);
      assert.match(await page.innerText(), /Privacy/);
      assert.ok((await page.locator("table").count()) >= 2);
      assert.deepEqual(failed, []);
    } finally {
      bench.page.off("requestfailed", note);
      await bench.command("View: Close Editor");
      await bench.command("ROME: Focus on Results View");
    }
  },
};
