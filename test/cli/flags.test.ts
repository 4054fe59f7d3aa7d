/** Flags mean what they say: each bad value, and each flag that would do nothing, ends with status 2 before the work. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { embeddedPath, rome, temporaryFolder } from "../support/fixtures.ts";

const aside = ["--prompt", "Name: {}. Gender:", "--subject", "Ben", "--target", " female"];
const steered = ["--prompt", "Name: Ben. Gender:"];

it("a bad value ends with status 2 and one line", async () => {
  const cases: [string[], RegExp][] = [
    [["flip", "Ben", "--layer", ""], /--layer is empty/],
    [["flip", "Ben", "--max-tokens", " "], /--max-tokens is empty/],
    [["flip", "Ben", "--contexts", "-1"], /--contexts takes a whole number from 1, not "-1"/],
    [["flip", "Ben", "--lr", "-1"], /--lr takes a number above 0/],
    [["flip", "Ben", "--kl-factor", "-1"], /--kl-factor takes a number from 0/],
    [["--threads", "100000", "flip", "Ben"], /--threads takes a whole number from 1 to 512/],
    [["--threads", "0", "flip", "Ben"], /--threads takes a whole number from 1/],
    [["--model", "", "flip", "Ben"], /--model is empty/],
    [["edits", "list", ""], /argument \(files\) is empty/],
    [["apply", "Ben", "--scale", ""], /--scale is empty/],
    [["sweep", "--layer", "99"], /unknown option '--layer'/],
    [["trace", "Ben", "--count", "3"], /--count goes without names of your own/],
    [["edit", ...aside, "--dry-run", "--save", "x.romedit"], /--save has no meaning with --dry-run/],
    [["edit", ...aside, "--dry-run", "--steps", "3"], /--steps has no meaning with --dry-run/],
    [["edits", "batch", "Ben", "--weight", "0", "--out", "x.romedit"], /--weight takes a number above 0/],
    [["flip", "Ben", " Ben", "--save", "x.romedit"], /"Ben" is named twice/],
    [["record", "--out", "x", "--shard", "3/2"], /--shard takes i\/n/],
    [["lens", "Ben is", "--prompt", "Ani is"], /Two prompts are given: "Ben is", and --prompt "Ani is"/],
    [["attribute", "Ben is", "--prompt", "Ani is"], /Two prompts are given/],
    [["lens", "Ben is", "--kind", "jacobian", "--rank", "257"], /has 1 to 256 directions, not 257/],
    [["steer", ...steered, "--scale", "21"], /--scale takes a number from -20 to 20, not 21/],
    [["steer", ...steered, "--at", "all", "--name", "Ben"], /--name has no meaning with --at all/],
    [["steer", ...steered, "--save", "ben.txt"], /no name for an edit file: it has to end in \.romedit/],
    [["export", "--control-vector", "v.txt"], /no name for a control vector: it has to end in \.gguf/],
    [["export", "--control-vector", "v.gguf", "--scale", "1e9"], /--scale takes a number from -20 to 20/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await rome(...args);
    expect(stderr, args.join(" ")).toMatch(message);
    expect(code, args.join(" ")).toBe(2);
    expect(stdout).toBe("");
  }
});

it("a place that cannot be written is told before the work, and stays as it is", async () => {
  const folder = await temporaryFolder();
  const config = join(folder, "config.json");
  copyFileSync(join(embeddedPath, "config.json"), config);
  writeFileSync(join(folder, "thesis.txt"), "mine");
  const cases: [string[], RegExp][] = [
    [["flip", "Ben", "--save", config], /is not an edit file/],
    [["flip", "Ben", "--save", join(folder, "none", "x.romedit")], /its folder does not exist/],
    [["edit", ...aside, "--save", "/dev/null"], /a device or a pipe/],
    [["trace", "Ben", "--out", config], /is not a trace as \.json/],
    [["record", "--out", folder], /is not a data set/],
    [["export", "--vectors", "--out", folder], /is not a folder of exported vectors/],
    [["edits", "batch", "Ben", "--out", config], /is not an edit file/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await rome(...args);
    expect(stderr, args.join(" ")).toMatch(message);
    expect(code, args.join(" ")).toBeGreaterThan(0);
    expect(stdout).toBe("");
  }
  expect(readFileSync(config).equals(readFileSync(join(embeddedPath, "config.json")))).toBe(true);
});

it("with --json a failure is one JSON value", async () => {
  for (const [args, reason, remedy] of [
    [["flip", "Ben", "--layer", "x"], "input", null],
    [["flop"], "input", null],
    [["analyze", "/nowhere"], "data", "Record one with: rome record."],
  ] as const) {
    const { code, stdout } = await rome("--json", ...args);
    expect(code).toBe(reason === "input" ? 2 : 1);
    const { error } = JSON.parse(stdout);
    expect(error).toEqual({ reason, message: expect.any(String), remedy });
    expect(error.message).not.toBe("");
  }
});

it("tells its version, and helps with a command of a command", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  expect(await rome("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  const { code, stdout } = await rome("help", "edits", "diff");
  expect(code).toBe(0);
  expect(stdout).toContain("rome edits diff");
  expect(stdout).toContain("two files side by side");
  expect((await rome("help", "flip")).stdout).toContain("rome flip");
});
