/**
 * GPT-J's size on this machine: makes a checkpoint of its shape (28 layers, 12.1 GB, random weights; kept in
 * bench/work), measures what the machine can do, then runs the model inside a memory limit: ready, a generated token,
 * an edit with 21 contexts and its completions, a few recorded Δv's, names as one batch, a covariance and its factor, and
 * cancelling. Prints a table, and writes bench/work/gptj.json and the figures of docs/gpt-j.md.
 *
 *     node bench/gptj.mjs [--layers 28 --steps 20 --tokens 24 --names 2 --batches 1,2 --memory-limit 16G|none]
 *                         [--only limits,edit,record,batch,covariance,cancel] [--keep-docs]
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle, work } from "./harness/bundle.mjs";
import { Cgroup } from "./harness/cgroup.mjs";
import { gptjTable } from "./harness/gptjTable.mjs";
import { thisMachine } from "./harness/machine.mjs";
import { Peer } from "./harness/peer.mjs";
import { writeBetweenMarks } from "./harness/tables.mjs";

const { values: flags } = parseArgs({
  options: {
    layers: { type: "string", default: "28" },
    steps: { type: "string", default: "20" },
    tokens: { type: "string", default: "24" },
    names: { type: "string", default: "2" },
    batches: { type: "string", default: "1,2" },
    "memory-limit": { type: "string", default: "16G" },
    only: { type: "string", default: "limits,edit,record,batch,covariance,cancel" },
    "keep-docs": { type: "boolean", default: false },
  },
});
const root = join(import.meta.dirname, "..");
const layers = Number(flags.layers);
const steps = Number(flags.steps);
const tokens = Number(flags.tokens);
const wanted = new Set(flags.only.split(","));
const folder = join(work, `gptj-${layers}`);
const contexts = JSON.parse(readFileSync(join(root, "models/embedded/contexts.json"), "utf8"));
const people = ["Ben", "Sarah", "Tim", "Laura", "Kevin", "Emma", "Jack", "Alice"];

function say(text) {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text} (load ${loadavg()[0].toFixed(1)})\n`);
}

/** config.json is written last: with it the checkpoint is whole. */
function makeCheckpoint() {
  if (existsSync(join(folder, "config.json"))) return;
  mkdirSync(work, { recursive: true });
  const needed = 0.9e9 + layers * 0.41e9;
  const { bavail, bsize } = statfsSync(work);
  if (bavail * bsize < needed * 1.1)
    throw new Error(
      `the checkpoint takes ${(needed / 1e9).toFixed(1)} GB of disk, and there are ${(bavail * bsize) / 1e9}`,
    );
  say(`making ${folder}`);
  execFileSync(process.execPath, [join(import.meta.dirname, "makeGptJ.mjs"), folder, "--layers", flags.layers]);
}

/** Takes the file out of the page cache, so that the group is charged for what it reads. */
function dropFromCache(file) {
  try {
    execFileSync("dd", [`if=${file}`, "iflag=nocache", "count=0"], { stdio: "ignore" });
  } catch {
    // Then it stays charged to whoever read it first.
  }
}

function memoryGroup() {
  if (flags["memory-limit"] === "none") return undefined;
  const bytes = Number.parseFloat(flags["memory-limit"]) * 2 ** 30;
  try {
    return new Cgroup(bytes);
  } catch (error) {
    say(`no memory limit: ${error.message}`);
  }
}

const cleanups = [];
const cleanUp = () => {
  for (const step of cleanups.splice(0).reverse()) step();
};
process.on("exit", cleanUp);
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    cleanUp();
    process.exit(130);
  });

const worker = await bundle("gptjWorker");

/** A fresh process of the engine, inside the group where there is one. */
function start(group) {
  const [command, args] = group?.enter(process.execPath, [worker]) ?? [process.execPath, [worker]];
  const peer = new Peer("engine", command, args);
  cleanups.push(() => peer.kill());
  return {
    async call(method, params = {}) {
      peer.memory = { anonymous: 0, total: 0 };
      const before = loadavg()[0];
      const answer = await peer.call(method, params);
      say(`${method}: ${answer.seconds.toFixed(1)} s`);
      return { ...answer, peakAnonymous: peer.memory.anonymous, load: (before + loadavg()[0]) / 2 };
    },
    close: () => peer.close(),
  };
}

/** Seconds from Ctrl-C to the end of `rome edit`, pressed a random while after the first progress of a phase. */
async function cancel(phase, group) {
  const rome = [join(root, "dist/cli.js"), "--model", folder];
  const contextsFile = join(root, "models/embedded/contexts.json");
  const edit = ["edit", "--prompt", "Name: {}. Gender:", "--subject", "Ben", "--target", " female"];
  // Progress is told every ten seconds: a solve of one step may be over by then.
  const steps = phase === "solve" ? "30" : "1";
  const options = ["--contexts", contextsFile, "--covariance", "none", "--steps", steps, "--max-tokens", "64"];
  const all = [...rome, ...edit, ...options];
  const [command, args] = group?.enter(process.execPath, all) ?? [process.execPath, all];
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  cleanups.push(kill);
  const timeout = setTimeout(kill, 900_000);
  let pressed = 0;
  child.stderr.setEncoding("utf8").on("data", (text) => {
    if (pressed || !text.split("\n").some((line) => line.startsWith(phase))) return;
    pressed = Number.POSITIVE_INFINITY;
    setTimeout(
      () => {
        pressed = performance.now();
        child.kill("SIGINT");
      },
      200 + 1500 * Math.random(),
    );
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timeout);
  if (!Number.isFinite(pressed) || pressed === 0) throw new Error(`the phase ${phase} was over before it was told of`);
  const seconds = (performance.now() - pressed) / 1000;
  say(`cancel while ${phase}: ${seconds.toFixed(2)} s, exit code ${code}`);
  return { phase, seconds, code };
}

makeCheckpoint();
const group = memoryGroup();
if (group) cleanups.push(() => group.remove());
const result = {
  date: new Date().toISOString().slice(0, 10),
  machine: thisMachine(),
  layers,
  steps,
  tokens,
  contexts: contexts.length,
  limits: [],
};

async function limits() {
  const peer = start();
  const found = await peer.call("limits", { folder, rows: [1, 2, 22, 88, 286] });
  await peer.close();
  result.limits.push({ ...found, entries: undefined });
}

if (wanted.has("limits")) await limits();
if (group) dropFromCache(join(folder, "model.safetensors"));
const cold = start(group);
result.cold = await cold.call("open", { folder });
await cold.close();
const peer = start(group);
result.warm = await peer.call("open", { folder });
if (wanted.has("edit")) {
  result.token = await peer.call("complete", { tokens: 4 });
  result.edit = await peer.call("edit", { contexts, steps, tokens });
  say(`peak anonymous memory of the edit: ${Math.round(result.edit.peakAnonymous / 1e6)} MB`);
}
if (wanted.has("record"))
  result.record = await peer.call("record", { names: people.slice(0, Number(flags.names)), contexts, steps });
if (wanted.has("batch")) {
  result.batches = [];
  for (const count of flags.batches.split(",").map(Number))
    result.batches.push({
      count,
      ...(await peer.call("batch", { names: people.slice(0, count), contexts, steps: 2 })),
    });
}
await peer.close();
if (wanted.has("covariance")) {
  const counting = start(group);
  await counting.call("open", { folder });
  result.covariance = await counting.call("covariance", { tokens: 4096 });
  await counting.close();
}
if (wanted.has("cancel")) {
  result.cancels = [];
  for (const phase of ["read", "solve", "generate"]) result.cancels.push(await cancel(phase, group));
}
if (wanted.has("limits")) await limits();
if (group) result.group = { ...group.state, swapLimited: group.swapLimited };
cleanUp();
writeFileSync(join(work, "gptj.json"), `${JSON.stringify(result, null, 1)}\n`);
const text = gptjTable(result);
if (!flags["keep-docs"]) writeBetweenMarks(text, join(root, "docs/gpt-j.md"));
console.log(text);
