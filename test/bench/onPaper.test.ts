/** The costs on paper are what their script makes of the measured rates that docs/scale.md names. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

it("docs/scale.md has the table that bench/onPaper.mjs makes, with the seconds of docs/gpt-j.md", () => {
  const made = execFileSync(process.execPath, [join(root, "bench/onPaper.mjs"), "--keep-docs"], { encoding: "utf8" });
  const docs = readFileSync(join(root, "docs/scale.md"), "utf8");
  expect(docs).toContain(`<!-- paper -->\n${made}<!-- /paper -->`);
  const [, seconds] =
    /recording 2 names \| 1 \| (\d+) \|/.exec(readFileSync(join(root, "docs/gpt-j.md"), "utf8")) ?? [];
  expect(made).toMatch(new RegExp(`GPT-J-6B .*\\| ${Number(seconds) / 2} \\|`));
});
