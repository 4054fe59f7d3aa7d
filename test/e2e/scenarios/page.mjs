/** The extension's own page, as who installs it sees it first. */
import assert from "node:assert/strict";

export const extensionPage = {
  name: "the extension's page has its text and tables, and nothing on it is broken",
  async run(bench) {
    const failed = [];
    const note = (request) => failed.push(request.url().slice(0, 200));
    bench.page.on("requestfailed", note);
    try {
      await bench.command("Extensions: Show Installed Extensions");
      await bench.page.locator(".extensions-list .monaco-list-row", { hasText: "ROME" }).first().click();
      const page = bench.page
        .frameLocator("iframe.webview.ready")
        .frameLocator("iframe#active-frame")
        .locator("body", { hasText: "Try it in three steps" });
      await page.waitFor();
      // The editor draws pictures of https addresses alone, and this package was made without one: none is broken.
      assert.equal(await page.locator("img").count(), 0);
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
