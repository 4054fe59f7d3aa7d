/** Names in the text: hovers, inlay hints. No engine runs for them. */
import assert from "node:assert/strict";
import { hoverOver } from "./steps.mjs";

export const editorScenarios = [
  {
    name: "a hover over a name tells its score, and no engine was started for it",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      const hover = await hoverOver(bench, "Brittany");
      const text = await bench.text(hover);
      assert.match(text, /Brittany · the model says (female|male) \(\d+\.\d %\)/);
      assert.match(text, /classifier score [+−]\d+\.\d\d · projection [+−]\d+\.\d \(σ \d+\.\d\) · ‖Δv‖ \d/);
      assert.match(text, /Flip · Apply \+g · Apply −g · Open in lab/);
      const drawn = await hover.locator("img").evaluate((image) => image.naturalWidth > 0);
      assert.ok(drawn, "the picture is drawn");
      assert.deepEqual(bench.engines(), []);
    },
  },
  {
    name: "the hover's last link explains its figures",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      const hover = await hoverOver(bench, "Brittany");
      await hover.getByText("What do these figures mean?").click();
      await bench.page.locator(".tab.active", { hasText: "figures.md" }).waitFor();
      await bench.command("View: Close Editor");
    },
  },
  {
    name: "inlay hints come and go with their setting, without a reload",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      const hints = async () => /Ben\s*[+−]\d+\.\d\d/.test(await bench.text(bench.lines()));
      await bench.change({ "rome.inlayHints.enabled": true });
      await bench.until("scores behind the names", hints);
      await bench.change({ "rome.inlayHints.enabled": false });
      await bench.until("no scores behind the names", async () => !(await hints()));
    },
  },
];
