import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const figure = /\d[\d.,]* (?:ms|s|MB|GB|%|times)(?![\w])/g;
const measured = new Set(readFileSync("docs/measured.md", "utf8").match(figure));

it("docs/measured.md is what its sources say (npm run measured)", () => {
  expect(() => execFileSync(process.execPath, ["scripts/measured.mjs", "--check"])).not.toThrow();
  expect(measured.size).toBeGreaterThan(10);
});

it.each(["README.md", "docs/extension.md", "docs/release.md"])("%s has no figure that is not in the table", (page) => {
  const stated = readFileSync(page, "utf8").match(figure) ?? [];
  expect(stated.filter((each) => !measured.has(each))).toEqual([]);
});
