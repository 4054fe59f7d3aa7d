/** Recording is durable and deterministic: killed, resumed, sharded, it gives the bytes of one quiet run. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import { readSafetensors } from "../src/engine/checkpoint/tensorFile.ts";
import { type CliResult, cli, rome, temporaryFolder } from "./fixtures.ts";

const count = 48;
let names: string;
let quiet: string;

/** A recording small enough for a test: a few names, three contexts, a batch of few names. */
function recordTo(out: string, ...more: string[]): Promise<CliResult> {
  return rome("record", "--names", names, "--out", out, ...more);
}

function bytes(folder: string): Buffer[] {
  return ["manifest.json", "records.jsonl", "deltas.safetensors"].map((name) => readFileSync(join(folder, name)));
}

beforeAll(async () => {
  const folder = await temporaryFolder();
  const lines = readFileSync(join(import.meta.dirname, "../data/names.csv"), "utf8").split("\n");
  names = join(folder, "names.csv");
  writeFileSync(names, `${lines.slice(0, count + 1).join("\n")}\n`);
  quiet = join(folder, "quiet");
  expect((await recordTo(quiet)).code).toBe(0);
});

it("writes tensors of the documented shapes, a row a record", async () => {
  const records = readFileSync(join(quiet, "records.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(records.map(({ index }) => index)).toEqual([...records.keys()]);
  const { tensors } = await readSafetensors(join(quiet, "deltas.safetensors"));
  expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
    ["delta", [count, 256]],
    ["value", [count, 256]],
    ["key", [count, 1024]],
  ]);
});

it("after SIGKILL at random moments, the resumed data set is the same bytes", async () => {
  const folder = await temporaryFolder();
  const random = (i: number) => Math.abs(Math.sin(i * 78.233) * 43758.5453) % 1;
  for (let attempt = 0; attempt < 20; attempt++) {
    const child = spawn(process.execPath, [cli, "record", "--names", names, "--out", join(folder, "killed")], {
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await Promise.race([ended, sleep(300 + 2500 * random(attempt + 1))]);
    child.kill("SIGKILL");
    await ended;
    if (existsSync(join(folder, "killed", "records.jsonl"))) break;
  }
  expect((await recordTo(join(folder, "killed"))).code).toBe(0);
  expect(bytes(join(folder, "killed"))).toEqual(bytes(quiet));
}, 600_000);

it("a torn batch is recognised and done again", async () => {
  const folder = join(await temporaryFolder(), "torn");
  expect((await recordTo(folder, "--shard", "1/1")).code).toBe(0);
  const batch = join(folder, "batches", "000001.safetensors");
  await truncate(batch, 1000);
  expect((await recordTo(folder)).code).toBe(0);
  expect(bytes(folder)).toEqual(bytes(quiet));
});

it("shards merge into the bytes of one run", async () => {
  const folder = await temporaryFolder();
  const parts = [1, 2].map((i) => join(folder, `part${i}`));
  for (const [i, part] of parts.entries()) expect((await recordTo(part, "--shard", `${i + 1}/2`)).code).toBe(0);
  expect((await rome("merge", ...parts, "--out", join(folder, "merged"))).code).toBe(0);
  expect(bytes(join(folder, "merged"))).toEqual(bytes(quiet));
  const missing = await rome("merge", parts[0]!, "--out", join(folder, "half"));
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain("missing");
});

it("refuses a folder recorded with something else, and a second recorder", async () => {
  const other = join(await temporaryFolder(), "other.csv");
  writeFileSync(other, "name,gender\nBen,male\nAni,female\n");
  const refused = await rome("record", "--names", other, "--out", quiet);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("another names");

  const folder = join(await temporaryFolder(), "two");
  const results = await Promise.all([recordTo(folder), recordTo(folder)]);
  expect(results.map(({ code }) => code).sort()).toEqual([0, 1]);
  expect(results.find(({ code }) => code === 1)?.stderr).toContain("another process");
});
