/** The extension's own page, as who installs it sees it first. */
import assert from "node:assert/strict";

export const extensionPage = {
  name: "the extension's page shows its pictures and tables",
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
      const pictures = page.locator("img");
      assert.equal(await pictures.count(), 4);
      await bench.until("the pictures are drawn", async () =>
        (await pictures.evaluateAll((all) => all.map(({ naturalWidth }) => naturalWidth))).every(
          (width) => width > 300,
        ),
      );
      assert.ok((await page.locator("table").count()) >= 2);
      assert.deepEqual(failed, []);
    } finally {
      bench.page.off("requestfailed", note);
      await bench.command("View: Close Editor");
      await bench.command("ROME: Focus on Results View");
    }
  },
};
