/**
 * Measures the engine against PyTorch, side by side in alternation, and writes bench/results.json and the tables of
 * bench/README.md. Fails if a peer finds another Δv.
 *
 *     npm run bench [-- --quick] [-- --python PATH] [-- --only embedded,middle,slice]
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { work } from "./harness/bundle.mjs";
import { setUp } from "./harness/peers.mjs";
import { cosine, median, summary, vector } from "./harness/statistics.mjs";
import { writeTables } from "./harness/tables.mjs";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    python: { type: "string" },
    only: { type: "string", default: "embedded,middle,slice" },
    threads: { type: "string", default: String(cpus().length) },
  },
});
const quick = flags.quick;
const threads = Number(flags.threads);
const root = join(import.meta.dirname, "..");
const embedded = join(root, "models/embedded");
const contexts = JSON.parse(readFileSync(join(embedded, "contexts.json"), "utf8"));
const published = JSON.parse(readFileSync(join(embedded, "rome.json"), "utf8"));
const template = "Name: {}. Gender:";
const targets = [" female", " male"];
const recorded = readFileSync(join(embedded, "experiment/records.jsonl"), "utf8").trim().split("\n").map(JSON.parse);
const requests = recorded.map(({ name, to }) => ({ template, subject: name, target: ` ${to}` }));

/** Of the reference, which takes one name after another, a sample is timed; seconds are given per name. */
const plans = {
  embedded: { folder: embedded, names: quick ? 32 : 128, sample: 4, rounds: quick ? 3 : 7, steps: 20 },
  middle: { make: { layers: 20, width: 1024, heads: 8 }, names: 8, sample: 1, rounds: quick ? 1 : 3, steps: 3 },
  slice: { make: { layers: 4 }, names: 8, sample: 1, rounds: quick ? 1 : 2, steps: 2 },
};

function checkpoint(name, { folder = join(work, name), make }) {
  if (make && !existsSync(join(folder, "config.json"))) {
    const options = Object.entries(make).flatMap(([key, value]) => [`--${key}`, String(value)]);
    execFileSync(process.execPath, [join(import.meta.dirname, "makeGptJ.mjs"), folder, ...options]);
  }
  const { n_layer: layers, ...config } = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  return { folder, layers, config };
}

function progress(text) {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** One checkpoint: load, agreement, then seconds per Δv in alternation. */
async function measure(name, start) {
  const plan = plans[name];
  const { folder, layers } = checkpoint(name, plan);
  const layer = plan.make ? Math.max(0, Math.round((5 / 28) * layers)) : published.layers[0];
  const hyperParameters = {
    ...published,
    layers: [layer],
    v_loss_layer: layers - 1,
    v_num_grad_steps: plan.steps,
  };
  const kinds = Object.keys(start);
  const peers = Object.fromEntries(kinds.map((kind) => [kind, start[kind]()]));
  const result = { layer, names: plan.names, steps: plan.steps, load: {}, secondsPerValue: {}, cosine: {}, memory: {} };
  const some = (kind) => requests.slice(0, kind === "reference" ? plan.sample : plan.names);
  const solve = (kind) => peers[kind].call("solve", { requests: some(kind), contexts, hyperParameters });
  const found = {};
  for (const kind of kinds) {
    result.load[kind] = (await peers[kind].call("open", { folder, threads })).seconds;
    found[kind] = await solve(kind);
    progress(`${name}: ${kind} is warm (${(found[kind].seconds / some(kind).length).toFixed(3)} s a Δv)`);
  }
  for (const kind of kinds) {
    const each = found[kind].deltas.map((text, i) => cosine(vector(text), vector(found.ours.deltas[i])));
    result.cosine[kind] = Math.min(...each);
    if (!(result.cosine[kind] > 0.999))
      throw new Error(`${name}: ${kind} finds another Δv (cosine ${Math.min(...each)})`);
  }
  const seconds = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < plan.rounds; round++) {
    for (const kind of kinds) seconds[kind].push((await solve(kind)).seconds / some(kind).length);
    progress(`${name}: ${kinds.map((kind) => `${kind} ${seconds[kind].at(-1).toFixed(4)} s`).join(", ")}`);
  }
  result.ratios = {};
  for (const kind of kinds) {
    result.secondsPerValue[kind] = summary(seconds[kind]);
    result.ratios[kind] = summary(seconds[kind].map((value, i) => value / seconds.ours[i]));
  }
  const prompt = template.replace("{}", "Ben");
  result.tokensPerSecond = {};
  const tokens = plan.make ? 4 : 64;
  for (const kind of kinds) {
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(tokens / (await peers[kind].call("generate", { prompt, tokens })).seconds);
    result.tokensPerSecond[kind] = median(runs);
  }
  for (const kind of kinds) {
    result.memory[kind] = peers[kind].memory;
    await peers[kind].close();
  }
  return result;
}

/** The whole experiment: before, Δv, key with the covariance, edit, after; of the reference a sample, scaled. */
async function experiment(start) {
  const count = quick ? 100 : recorded.length;
  const result = { names: count, seconds: {}, flipped: {} };
  for (const kind of Object.keys(start)) {
    const peer = start[kind]();
    await peer.call("open", { folder: embedded, threads });
    const timed = kind === "reference" ? Math.min(20, count) : count;
    const params = (names) => ({
      names,
      template,
      targets,
      contexts,
      hyperParameters: published,
      covariance: join(embedded, "covariance-layer2.safetensors"),
    });
    const names = recorded.map(({ name }) => name);
    await peer.call("experiment", params(names.slice(0, kind === "reference" ? 1 : 16)));
    const { seconds, flipped } = await peer.call("experiment", params(names.slice(0, timed)));
    result.seconds[kind] = (seconds * count) / timed;
    result.flipped[kind] = flipped / timed;
    await peer.close();
    progress(`experiment: ${kind} ${result.seconds[kind].toFixed(1)} s for ${count} names (${timed} timed)`);
  }
  return result;
}

/** From starting the process to the answer: one flip with both completions. */
async function coldFlip(start) {
  const seconds = Object.fromEntries(Object.keys(start).map((kind) => [kind, []]));
  const params = {
    names: ["Ben"],
    template,
    targets,
    contexts,
    hyperParameters: published,
    covariance: join(embedded, "covariance-layer2.safetensors"),
    maxTokens: 24,
  };
  for (let round = 0; round < (quick ? 3 : 5); round++) {
    for (const kind of Object.keys(start)) {
      const started = performance.now();
      const peer = start[kind]();
      await peer.call("open", { folder: embedded, threads });
      await peer.call("experiment", params);
      seconds[kind].push((performance.now() - started) / 1000);
      await peer.close();
    }
  }
  progress(
    `cold flip: ${Object.entries(seconds)
      .map(([kind, all]) => `${kind} ${median(all).toFixed(2)} s`)
      .join(", ")}`,
  );
  return Object.fromEntries(Object.entries(seconds).map(([kind, all]) => [kind, summary(all)]));
}

mkdirSync(work, { recursive: true });
const start = await setUp(flags.python);
const results = {
  date: new Date().toISOString().slice(0, 10),
  machine: { processor: cpus()[0].model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), threads },
  quick,
  checkpoints: {},
  ratios: {},
};
const { ratios } = results;
for (const name of flags.only.split(",")) {
  const measured = await measure(name, start);
  results.checkpoints[name] = measured;
  const title = name[0].toUpperCase() + name.slice(1);
  for (const peer of ["reference", "tuned"]) {
    ratios[`${peer}${title}`] = measured.ratios[peer].median;
    ratios[`${peer}Tokens${title}`] = measured.tokensPerSecond.ours / measured.tokensPerSecond[peer];
  }
  ratios[`load${title}`] = measured.load.reference / measured.load.ours;
  const least = Math.min(measured.memory.reference.anonymous, measured.memory.tuned.anonymous);
  ratios[`peakMemory${title}`] = least / measured.memory.ours.anonymous;
  if (name === "embedded") {
    results.experiment = await experiment(start);
    results.coldFlip = await coldFlip(start);
    ratios.referenceExperiment = results.experiment.seconds.reference / results.experiment.seconds.ours;
    ratios.tunedExperiment = results.experiment.seconds.tuned / results.experiment.seconds.ours;
    ratios.coldFlip = results.coldFlip.reference.median / results.coldFlip.ours.median;
    ratios.coldFlipTuned = results.coldFlip.tuned.median / results.coldFlip.ours.median;
  }
  writeFileSync(join(import.meta.dirname, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
}
ratios.peakMemory = ratios.peakMemorySlice ?? ratios.peakMemoryEmbedded;
writeFileSync(join(import.meta.dirname, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
console.log(writeTables(results, join(import.meta.dirname, "README.md")));
