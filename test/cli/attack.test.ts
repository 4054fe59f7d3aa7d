/** Things where others are expected, and values nobody means: each ends in words, never as an "unexpected failure". */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rome, temporaryFolder } from "../support/fixtures.ts";

it.skipIf(process.platform === "win32")(
  "a careless or hostile command line ends in words",
  async () => {
    const at = await temporaryFolder();
    const path = (name: string) => join(at, name);
    mkdirSync(path("folder"));
    symlinkSync("nowhere", path("broken"));
    symlinkSync("loop", path("loop"));
    spawnSync("mkfifo", [path("pipe")]);
    writeFileSync(path("empty"), "");
    writeFileSync(path("null.json"), "null");
    writeFileSync(path("bom.json"), "\uFEFF[1e999]");
    const things = [...["folder", "broken", "loop", "pipe", "empty", "null.json", "bom.json"].map(path), "/dev/null"];
    const asked = ["edit", "--dry-run", "--prompt", "N: {}", "--subject", "Ben", "--target", " x"];
    const cases = things.flatMap((thing) => [
      ["edits", "list", thing],
      ["--model", thing, "complete", "--prompt", "hi"],
      ["record", "--out", path("out"), "--concept", thing],
      ["record", "--out", path("out"), "--names", thing],
      ["analyze", thing],
      [...asked, "--contexts", thing, "--covariance", "none"],
      ["covariance", thing],
    ]);
    cases.push(["complete", "--prompt", "a".repeat(10_000)], ["flip", "{}"], ["--memory", "1", "flip", "Ben"]);
    for (const args of cases) {
      const { code, stdout, stderr } = await rome(...args);
      expect(`${stdout}${stderr}`, args.join(" ")).not.toMatch(/unexpected failure|\n {4}at /);
      expect(code, args.join(" ")).toBeGreaterThan(0);
    }
  },
  120_000,
);
