/** Recording is durable and deterministic: killed, resumed, sharded, it gives the bytes of one quiet run. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it, vi } from "vitest";
import { readSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { Dataset } from "../../../src/engine/experiment/dataset.ts";
import type { Manifest } from "../../../src/engine/experiment/manifest.ts";
import { Random } from "../../../src/engine/numerics/random.ts";
import { type CliResult, cli, rome, temporaryFolder } from "../../support/fixtures.ts";

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

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
}

/** Δv, a row a name. */
async function deltas(folder: string): Promise<Float32Array[]> {
  const { delta } = await (await Dataset.open(folder)).read();
  const width = delta.length / count;
  return Array.from({ length: count }, (_, i) => delta.slice(i * width, (i + 1) * width));
}

beforeAll(async () => {
  const folder = await temporaryFolder();
  const lines = readFileSync(join(import.meta.dirname, "../../../data/names.csv"), "utf8").split("\n");
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

it("killed with SIGKILL at 20 random moments, the resumed data set is the same bytes", async () => {
  const parent = await temporaryFolder();
  const random = new Random(Date.now(), "kills");
  let [kills, recordings] = [0, 0];
  let folder = join(parent, "0");
  while (kills < 20) {
    const child = spawn(process.execPath, [cli, "record", "--names", names, "--out", folder], { stdio: "ignore" });
    const ended = once(child, "exit");
    await Promise.race([ended, sleep(300 + 2000 * random.uniform())]);
    if (child.kill("SIGKILL")) kills++;
    await ended;
    // Finished before it could be killed: the next kills are for a new recording.
    if (existsSync(join(folder, "records.jsonl"))) {
      expect(bytes(folder)).toEqual(bytes(quiet));
      folder = join(parent, String(++recordings));
    }
  }
  expect((await recordTo(folder)).code).toBe(0);
  expect(bytes(folder)).toEqual(bytes(quiet));
}, 600_000);

it("on a full disk it stops with what to do, and goes on where it stopped", async ({ skip, onTestFinished }) => {
  const disk = join(await temporaryFolder(), "disk");
  mkdirSync(disk);
  const mount = (...options: string[]) => spawnSync("mount", options).status === 0;
  if (!mount("-t", "tmpfs", "-o", "size=300k", "tmpfs", disk)) skip("only root can mount a small disk");
  onTestFinished(() => void spawnSync("umount", [disk]));
  const folder = join(disk, "full");
  // Too small from the start: refused before anything is computed.
  const refused = await recordTo(folder);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/but only .* are free at .*\. Free some space/);
  expect(existsSync(join(folder, "batches"))).toBe(false);

  // Full in the middle: somebody else takes the room once the first batch is there.
  expect(mount("-o", "remount,size=8m", disk)).toBe(true);
  const recording = recordTo(folder);
  const batches = join(folder, "batches");
  await vi.waitUntil(() => existsSync(batches) && readdirSync(batches).some((name) => name.endsWith(".safetensors")), {
    timeout: 60_000,
    interval: 5,
  });
  const filler = join(disk, "filler");
  expect(() => {
    for (;;) appendFileSync(filler, Buffer.alloc(4096));
  }).toThrow("ENOSPC");
  const stopped = await recording;
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toMatch(/could not be written: the disk is full\. Free some space/);
  expect(stopped.stderr).not.toMatch(/\n\s+at /);
  const kept = readdirSync(batches);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  rmSync(filler);
  expect((await recordTo(folder)).code).toBe(0);
  expect(bytes(folder)).toEqual(bytes(quiet));
});

it("goes on with less memory, and keeps to it; Δv is the same to 1e-4 whatever the batch", async () => {
  const folder = join(await temporaryFolder(), "memory");
  expect((await recordTo(folder, "--shard", "1/2")).code).toBe(0);
  expect((await recordTo(folder, "--memory", "260M")).code).toBe(0);
  const small = join(await temporaryFolder(), "small");
  const child = spawn(process.execPath, [cli, "record", "--names", names, "--out", small, "--memory", "260M"]);
  let peak = 0;
  const watch = setInterval(() => {
    const status = existsSync("/proc/self") ? readFileSync(`/proc/${child.pid}/status`, "utf8") : "";
    peak = Math.max(peak, Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
  }, 20);
  child.once("exit", () => clearInterval(watch));
  expect(await once(child, "exit")).toEqual([0, null]);
  if (process.platform === "linux") expect(peak).toBeGreaterThan(0);
  expect(peak / 1024).toBeLessThan(260);
  expect(manifestOf(small).batch).toBeLessThan(manifestOf(folder).batch);
  const expected = await deltas(quiet);
  for (const other of [folder, small]) {
    for (const [i, row] of (await deltas(other)).entries()) {
      const difference = Math.hypot(...row.map((x, j) => x - (expected[i]?.[j] as number)));
      expect(difference / Math.hypot(...row)).toBeLessThan(1e-4);
    }
  }
});

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
