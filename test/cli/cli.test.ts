/** The command line as a user meets it: output, exit statuses, errors in words. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { cli, embeddedPath, fixturePath, rome, temporaryFolder } from "../support/fixtures.ts";

it("flips Ben and tells how", async () => {
  const { code, stdout } = await rome("flip", "Ben");
  expect(code).toBe(0);
  for (const part of ["male → female", "Name: Ben. Gender:", "before", "after", "P(female)", "P(male)", "loss", "‖Δv‖"])
    expect(stdout).toContain(part);
});

it("a text says which model its figures are of, unless that is the embedded one", async () => {
  const [sample, own] = [join(embeddedPath, "../../samples/Qwen2.5-Coder-0.5B"), join(embeddedPath, "experiment")];
  expect((await rome("report", sample)).stdout).toMatch(
    /^ {2}model {3}Qwen\S+ \(unpacked from Q4_K_M GGUF, 6\.2 bits/m,
  );
  expect((await rome("report", own)).stdout).not.toMatch(/^ {2}model/m);
  expect((await rome("complete", "--prompt", "Hi", "--max-tokens", "1")).stdout).not.toMatch(/^ {2}model/m);
});

it("--json prints one JSON value with the contract's fields, one entry a name", async () => {
  const { code, stdout } = await rome("flip", "Ben", "Brittany", "Ani", "Ben ", "--max-tokens", "8", "--json");
  expect(code).toBe(0);
  const results = JSON.parse(stdout);
  expect(results.map((result: { name: string }) => result.name)).toEqual(["Ben", "Brittany", "Ani"]);
  for (const { prompt, from, to, before, after, flipped, losses, deltaNorm } of results) {
    expect(prompt).toMatch(/^Name: \w+\. Gender:$/);
    expect(new Set([from, to])).toEqual(new Set(["female", "male"]));
    expect(before.probability[from]).toBeGreaterThan(before.probability[to]);
    expect(after.probability[to]).toBeGreaterThan(after.probability[from]);
    expect(after.completion.trim().startsWith(to)).toBe(true);
    expect(flipped).toBe(true);
    expect(losses.length).toBeGreaterThan(0);
    expect(deltaNorm).toBeGreaterThan(0);
  }
});

it("completes any prompt, and lists the likeliest tokens", async () => {
  const { stdout } = await rome("complete", "--prompt", "Name: Ben. Gender:", "--top", "3", "--json");
  const { completion, next } = JSON.parse(stdout);
  expect(completion.trim().startsWith("male")).toBe(true);
  expect(next).toHaveLength(3);
  expect(next[0].token).toBe(" male");
});

it("edits any subject, target and prompt, with every key and without contexts or covariance", async () => {
  const folder = await temporaryFolder();
  const contexts = join(folder, "contexts.json");
  writeFileSync(contexts, JSON.stringify(["{}", "The train is late. {}"]));
  for (const more of [
    ["--key", "r-rome"],
    ["--key", "p-rome", "--covariance", "none"],
    ["--contexts", contexts],
    ["--contexts", "none"],
  ]) {
    const args = [
      "edit",
      "--prompt",
      "Name: {}. Gender:",
      "--subject",
      "David",
      "--target",
      " female",
      "--json",
      ...more,
    ];
    const { code, stdout } = await rome(...args);
    expect(code).toBe(0);
    const { delta, before, after } = JSON.parse(stdout);
    expect(delta).toHaveLength(256);
    expect(after.probability).toBeGreaterThan(before.probability);
  }
});

it("runs a checkpoint that is not its own", async () => {
  const { code, stdout } = await rome(
    "--model",
    fixturePath("checkpoints", "odd-torch-fp16"),
    "flip",
    "Ben",
    "--contexts",
    "none",
    "--json",
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)[0].score).toBeNull();
});

it("bad input ends in one clear line and the right status", async () => {
  const cases: [string[], number, RegExp][] = [
    [["flop"], 2, /unknown command/],
    [["flip"], 2, /missing required argument/],
    [["flip", "Ben", "--layer", "99"], 2, /Layer 99 .* layers 0 to 5/],
    [["flip", "Ben", "--layer", "x"], 2, /--layer takes a whole number/],
    [["flip", " "], 2, /name is empty/],
    [["flip", "Xy zz@"], 2, /"Xy zz@" is not a name\. Use letters, spaces, .* at most 60 characters\./],
    [["flip", "Ben", "--key", "mome"], 2, /--key takes rome/],
    [["flip", "Ben", "--contexts", "/nowhere.json"], 2, /contexts file .* cannot be read/],
    [["--model", "/nowhere", "flip", "Ben"], 1, /nowhere does not exist/],
    [["--memory", "lots", "flip", "Ben"], 2, /not an amount of memory/],
    [["--device", "abacus", "flip", "Ben"], 2, /no device "abacus"\. Choose one of: cpu/],
    [["--device", process.platform === "win32" ? "coreml" : "dml", "flip", "Ben"], 2, /onnxruntime has no "\w+" on /],
    [["complete", "--prompt", ""], 2, /prompt is empty/],
    [["edit", "--prompt", "no hole", "--subject", "Ben", "--target", " x"], 2, /exactly once/],
    [["analyze", "/nowhere"], 1, /holds no data set/],
  ];
  for (const [args, status, message] of cases) {
    const { code, stdout, stderr } = await rome(...args);
    expect(stderr, args.join(" ")).toMatch(message);
    expect(code, args.join(" ")).toBe(status);
    expect(stdout).toBe("");
    expect(stderr).not.toMatch(/\n\s+at /);
  }
});

it("Ctrl-C ends a recording with status 130, and what was done stays", async () => {
  const folder = await temporaryFolder();
  const [names, out] = [join(folder, "names.csv"), join(folder, "stopped")];
  const batches = join(out, "batches");
  const lines = readFileSync(join(import.meta.dirname, "../../data/names.csv"), "utf8").split("\n");
  writeFileSync(names, `${lines.slice(0, 65).join("\n")}\n`);
  const args = ["record", "--names", names, "--out", out];
  const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await vi.waitUntil(() => existsSync(batches) && readdirSync(batches).some((file) => /^\d+\.\w+$/.test(file)), {
    timeout: 60_000,
    interval: 5,
  });
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(stderr).toContain("Cancelled");
  const kept = readdirSync(batches);
  expect(kept.length).toBeGreaterThan(0);
  const bytes = kept.map((file) => readFileSync(join(batches, file)));
  // A later run does the rest and leaves these as they are; the fourth part of none is the last batch alone.
  const { code } = await rome(...args, "--shard", "4/4");
  expect(code).toBe(0);
  expect(kept.map((file) => readFileSync(join(batches, file)))).toEqual(bytes);
  expect(readdirSync(batches).length).toBeGreaterThan(kept.length);
});

it("a vector that is not there is an error, not the shipped one", async () => {
  const nowhere = join(await temporaryFolder(), "nowhere");
  for (const args of [
    ["apply", "--vector", nowhere, "Sabrina"],
    ["evaluate", "--vector", nowhere, "Ben"],
  ]) {
    const { code, stdout, stderr } = await rome(...args);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(nowhere);
  }
});

it("a dry run compares with the limit that was given", async () => {
  const look = ["edit", "--prompt", "Name: {}. Gender:", "--subject", "Ben", "--target", " female", "--dry-run"];
  expect((await rome(...look)).stdout).not.toContain("would be rolled back");
  const { stdout } = await rome(...look, "--min-denominator", "0.9");
  expect(stdout).toContain("below the limit 0.9: this edit would be rolled back");
});

it("records so many names, each label in its share, on the layer and contexts asked for", async () => {
  const out = join(await temporaryFolder(), "few");
  const basis = ["--layer", "1", "--contexts", "none", "--steps", "2", "--key", "p-rome", "--covariance", "none"];
  const { code, stderr } = await rome("record", "--count", "6", ...basis, "--out", out);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ layer: 1, contexts: ["{}"], key: "p-rome", covarianceTokens: 0 });
  expect(manifest.hyperParameters.v_num_grad_steps).toBe(2);
  const records = readFileSync(join(out, "records.jsonl"), "utf8").trim().split("\n");
  const labels = records.map((line) => JSON.parse(line).expected);
  expect(labels.sort()).toEqual(["female", "female", "female", "male", "male", "male"]);
});
