/** The script that measures a GPU, on the processor and with a tiny model: that it is ready when there is a GPU. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/fixtures.ts";

const script = join(import.meta.dirname, "../../bench/gpu.mjs");

it("flips, measures GPT-J's shape by batch, and keeps figures of every part", async () => {
  const out = join(await temporaryFolder(), "gpu.json");
  const shape = ["--layers", "2", "--width", "64", "--heads", "4", "--rotary", "16", "--vocabulary", "4096"];
  const effort = ["--batches", "1,2", "--steps", "2", "--tokens", "4", "--no-parity", "--keep-docs", "--out", out];
  const { status, stdout } = spawnSync(process.execPath, [script, "--device", "cpu", ...shape, ...effort], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  const { flip, shapes } = JSON.parse(readFileSync(out, "utf8"));
  expect(flip.flip.after.probability).toBeGreaterThan(0.9);
  const [{ rates, tokensPerSecond, batches }] = shapes;
  expect(rates[64]).toBeGreaterThan(0);
  expect(tokensPerSecond).toBeGreaterThan(0);
  expect(batches.map(({ count }: { count: number }) => count)).toEqual([1, 2]);
  for (const { step, perSecond, share } of batches)
    for (const figure of [step, perSecond, share]) expect(figure).toBeGreaterThan(0);
  expect(stdout).toContain("| 2 layers |");
});

it.each([
  [["--layers", "x"], /--layers takes whole numbers above 0, not x\./],
  [["--device", "abacus"], /--device is cuda, webgpu or cpu, not abacus\./],
  [["--fast"], /Unknown option '--fast'.*bench\/gpu\.mjs/],
])("says of %j what is wrong, in a line", (flags, said) => {
  const { status, stderr } = spawnSync(process.execPath, [script, ...flags], { encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr.trim()).toMatch(said);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
