/** What a run leaves and tells beside its result: nothing about its user, and nothing where nobody reads. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cli, temporaryFolder } from "../support/fixtures.ts";

const complete = ["complete", "--prompt", "Name: Ben. Gender:", "--max-tokens", "2"];

/** A user's environment in a folder of its own, as a program run outside any test has it. */
function homeIn(folder: string): NodeJS.ProcessEnv {
  const { CI: _, ORT_DISABLE_TELEMETRY: __, XDG_CACHE_HOME: ___, XDG_DATA_HOME: ____, ...rest } = process.env;
  return {
    ...rest,
    HOME: folder,
    USERPROFILE: folder,
    LOCALAPPDATA: join(folder, "local"),
    APPDATA: join(folder, "roaming"),
  };
}

it("keeps no device id and no events of the runtime's maker", async () => {
  const home = await temporaryFolder();
  const { status } = spawnSync(process.execPath, [cli, ...complete], { env: homeIn(home) });
  expect(status).toBe(0);
  const left = readdirSync(home, { recursive: true }).map(String);
  expect(left.filter((path) => !path.includes("rome-gender-vectors") && !/^\.?\w+$/.test(path))).toEqual([]);
  expect(left.filter((path) => /onnx|microsoft|device/i.test(path))).toEqual([]);
});

const traces = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
it.skipIf(!traces)("opens no socket (needs strace)", async () => {
  const home = await temporaryFolder();
  const log = join(home, "calls");
  const traced = ["-f", "-e", "trace=socket,connect,sendto", "-o", log, process.execPath, cli, ...complete];
  expect(spawnSync("strace", traced, { env: homeIn(home) }).status).toBe(0);
  const calls = readFileSync(log, "utf8");
  expect(calls).toContain("exited with 0");
  expect(calls.split("\n").filter((line) => /AF_INET|connect\(|sendto\(/.test(line))).toEqual([]);
});

it("ends quietly when its reader has gone", async () => {
  const child = spawn(process.execPath, [cli, ...complete], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  expect(await once(child, "close")).toEqual([0, null]);
  expect(stderr).toBe("");
});

it.skipIf(process.platform !== "linux")("says that a full device did not take its result", () => {
  const full = openSync("/dev/full", "w");
  const lost = spawnSync(process.execPath, [cli, ...complete], { stdio: ["ignore", full, "pipe"], encoding: "utf8" });
  expect(lost.status).toBe(1);
  expect(lost.stderr).toBe("rome: the result could not be written to the standard output (ENOSPC).\n");
  const silent = spawnSync(process.execPath, [cli, "flop"], { stdio: ["ignore", "pipe", full], encoding: "utf8" });
  expect(silent.status).toBe(2);
});

it("goes on recording when nobody reads its progress", async () => {
  const folder = await temporaryFolder();
  const names = join(folder, "names.csv");
  const lines = readFileSync(join(import.meta.dirname, "../../data/names.csv"), "utf8").split("\n");
  writeFileSync(names, `${lines.slice(0, 61).join("\n")}\n`);
  const args = [cli, "record", "--names", names, "--memory", "320M", "--out", join(folder, "data")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.destroy();
  expect(await once(child, "close")).toEqual([0, null]);
  expect(readdirSync(join(folder, "data"))).toContain("records.jsonl");
});
