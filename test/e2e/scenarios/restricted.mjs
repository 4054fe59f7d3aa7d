/** Restricted Mode: a window of its own, with a workspace that is not trusted and tries to meddle. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { project } from "../paths.mjs";
import { browse } from "./models.mjs";
import { said, timedFlip } from "./steps.mjs";

export const restricted = {
  /** What the workspace brings along: settings that would run its program and open its model. */
  files(workspace) {
    cpSync(join(project, "test/fixtures/checkpoints/even-fp16"), join(workspace, "model"), { recursive: true });
    return {
      ".vscode/settings.json": JSON.stringify({
        "rome.nodePath": join(workspace, "evil"),
        "rome.model": join(workspace, "model"),
        "rome.namesFile": join(workspace, "table.csv"),
      }),
    };
  },
  scenarios: [
    {
      name: "Restricted Mode: the workspace's settings are not heeded, the embedded model flips",
      async run(bench) {
        await bench.openFile("people.txt", 1, 2);
        await timedFlip(bench, "Ben");
        assert.match(await said(bench, "Ben"), /after female\b/);
        await bench.statusText(/embedded/);
      },
    },
    {
      name: "Restricted Mode: a model of the workspace is refused",
      async run(bench) {
        await browse(bench, join(bench.workspace, "model"));
        await bench.notification(/Restricted Mode\. Trust the workspace/);
        await bench.statusText(/embedded/);
        assert.deepEqual(bench.problems, []);
      },
    },
  ],
};
