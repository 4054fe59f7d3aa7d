/**
 * Measures the engine against PyTorch, side by side in alternation, and writes bench/results.json and the tables of
 * bench/README.md. Fails if a peer finds another Δv. With `--only`, the rest of results.json stays as it is.
 *
 *     npm run bench [-- --quick] [-- --python PATH] [-- --only embedded,experiment,referee,middle,slice,large,growth,real]
 *         [-- --model DIR], a pretrained checkpoint of Qwen2's or Llama's kind for the part "real"
 *         [-- --published FOLDER], a checkout of github.com/kmeng01/rome, whose code then runs beside the others
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { work } from "./harness/bundle.mjs";
import { growthPicture } from "./harness/growthPicture.mjs";
import { thisMachine } from "./harness/machine.mjs";
import { setUp } from "./harness/peers.mjs";
import { measureReal } from "./harness/real.mjs";
import { cosine, median, summary, vector } from "./harness/statistics.mjs";
import { writeTables } from "./harness/tables.mjs";
import { solveProducts } from "./harness/work.mjs";

const everything = "embedded,experiment,referee,middle,slice,large,growth,real";
const flags = readFlags();
const quick = flags.quick;
const threads = Number(flags.threads);
const wanted = flags.only.split(",");
refuseWrongFlags();
const root = join(import.meta.dirname, "..");
const embedded = join(root, "models/embedded");
const contexts = JSON.parse(readFileSync(join(embedded, "contexts.json"), "utf8"));
const published = JSON.parse(readFileSync(join(embedded, "rome.json"), "utf8"));
const template = "Name: {}. Gender:";
const targets = [" female", " male"];
const recorded = readFileSync(join(embedded, "experiment/records.jsonl"), "utf8").trim().split("\n").map(JSON.parse);
const requests = recorded.map(({ name, to }) => ({ template, subject: name, target: ` ${to}` }));

function readFlags() {
  const options = {
    quick: { type: "boolean", default: false },
    python: { type: "string" },
    model: { type: "string" },
    published: { type: "string" },
    only: { type: "string", default: everything },
    threads: { type: "string", default: String(cpus().length) },
  };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse(
      `${error.message.split(".")[0]}. Flags: ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(", ")}.`,
    );
  }
}

/** Before anything is set up or measured. */
function refuseWrongFlags() {
  const unknown = wanted.filter((part) => !everything.split(",").includes(part));
  if (unknown.length > 0) refuse(`There is no part ${unknown.join(", ")}. Parts: ${everything}.`);
  if (!(Number.isInteger(threads) && threads > 0)) refuse(`--threads is a number from 1 on, not ${flags.threads}.`);
  if (flags.only !== everything && wanted.includes("real") && !flags.model)
    refuse("The part real needs --model DIR, a pretrained checkpoint of Qwen2's or Llama's kind.");
  if (flags.model && !existsSync(join(flags.model, "config.json"))) refuse(`${flags.model} has no config.json.`);
  if (flags.published && !existsSync(join(flags.published, "rome/compute_v.py")))
    refuse(`${flags.published} has no rome/compute_v.py: give a checkout of github.com/kmeng01/rome.`);
}

function refuse(why) {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

/** Of those that take one name after another a sample is timed; seconds are given per name. */
const oneByOne = ["reference", "published"];
const plans = {
  embedded: { folder: embedded, names: 128, sample: 16, rounds: quick ? 3 : 7, steps: 20 },
  middle: { make: { layers: 20, width: 1024, heads: 8 }, names: 8, sample: 1, rounds: quick ? 1 : 3, steps: 3 },
  slice: { make: { layers: 4 }, names: 8, sample: 1, rounds: quick ? 1 : 2, steps: 2 },
};

/** So many, evenly spread: names differ in the evaluations they take. */
function spread(all, count) {
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
}

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

/**
 * Operations of ours for one name: a pass there for each evaluation, and back where a step follows. A name has its
 * contexts, 4 tokens from the lookup on, and a KL text, of which 4 share a row.
 *
 * @param above layers above the edit, at least 2
 */
function flopOf({ n_embd: d, vocab_size: vocabulary }, above, evaluations, isStreamed) {
  const [rows, tokens] = [contexts.length + 1, 4 * contexts.length + 1];
  const products = solveProducts({ d, vocabulary, above, tokens, lookups: rows, asked: rows });
  return 2 * products * (2 * evaluations - (isStreamed ? 1 : 0));
}

/** One checkpoint: load, agreement, then seconds per Δv in alternation. */
async function measure(name, start) {
  const plan = plans[name];
  const { folder, layers, config } = checkpoint(name, plan);
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
  const all = spread(requests, plan.names);
  const some = (kind) => (oneByOne.includes(kind) ? spread(all, plan.sample) : all);
  const solve = (kind) => peers[kind].call("solve", { requests: some(kind), contexts, hyperParameters });
  const found = {};
  for (const kind of kinds) {
    result.load[kind] = (await peers[kind].call("open", { folder, threads })).seconds;
    found[kind] = await solve(kind);
    progress(`${name}: ${kind} is warm (${(found[kind].seconds / some(kind).length).toFixed(3)} s a Δv)`);
  }
  for (const kind of kinds) {
    const every = all.length / found[kind].deltas.length;
    const each = found[kind].deltas.map((text, i) => cosine(vector(text), vector(found.ours.deltas[i * every])));
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
  const products = await peers.tuned.call("sgemm", { rows: 1024, inner: config.n_embd, columns: 4 * config.n_embd });
  result.sgemm = products.gigaflops;
  const evaluations = found.ours.evaluations.reduce((a, b) => a + b, 0) / plan.names;
  // The made checkpoints' weights are cast at each use, in parts.
  const flop = flopOf(config, layers - 1 - layer, evaluations, plan.make !== undefined);
  result.shareOfSgemm = flop / result.secondsPerValue.ours.median / (1e9 * result.sgemm);
  const prompt = template.replace("{}", "Ben");
  result.tokensPerSecond = {};
  const tokens = plan.make ? 4 : 64;
  for (const kind of kinds.filter((kind) => kind !== "published")) {
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

/**
 * The whole experiment in chunks of names, the peers in turn at each: before, Δv, key with the covariance, edit, after. Of
 * the reference a few names of each chunk are timed, and scaled.
 */
async function experiment(start) {
  const [count, chunk] = quick ? [200, 100] : [recorded.length, 500];
  const names = recorded.map(({ name }) => name);
  const covariance = join(embedded, "covariance-layer2.safetensors");
  const common = { template, targets, contexts, hyperParameters: published, covariance };
  const kinds = Object.keys(start);
  const peers = Object.fromEntries(kinds.map((kind) => [kind, start[kind]()]));
  const size = (kind) => (oneByOne.includes(kind) ? chunk / 20 : chunk);
  for (const kind of kinds) {
    await peers[kind].call("open", { folder: embedded, threads });
    await peers[kind].call("experiment", { ...common, names: names.slice(0, 16) });
  }
  const seconds = Object.fromEntries(kinds.map((kind) => [kind, []]));
  const flipped = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  for (let from = 0; from < count; from += chunk) {
    for (const kind of kinds) {
      const some = spread(names.slice(from, from + chunk), size(kind));
      const answer = await peers[kind].call("experiment", { ...common, names: some });
      seconds[kind].push((answer.seconds * chunk) / some.length);
      flipped[kind] += answer.flipped / some.length / (count / chunk);
    }
    progress(
      `experiment, ${from + chunk} names: ${kinds.map((kind) => `${kind} ${seconds[kind].at(-1).toFixed(1)} s`).join(", ")}`,
    );
  }
  for (const kind of kinds) await peers[kind].close();
  const total = (values) => values.reduce((sum, value) => sum + value, 0);
  return { names: count, flipped, seconds: Object.fromEntries(kinds.map((kind) => [kind, total(seconds[kind])])) };
}

/**
 * What ours and the reference answer of the embedded model, in turns, and the seconds of each; a first round, which makes
 * sessions and warms caches, is left out.
 */
async function inTurns({ ours, reference }, ask) {
  const peers = { ours: ours(), reference: reference() };
  const seconds = { ours: [], reference: [] };
  const answers = {};
  for (const peer of Object.values(peers)) await peer.call("open", { folder: embedded, threads });
  for (let round = 0; round < (quick ? 2 : 4); round++)
    for (const [kind, peer] of Object.entries(peers)) {
      answers[kind] = await ask(peer, kind);
      if (round > 0) seconds[kind].push(answers[kind].seconds);
    }
  for (const peer of Object.values(peers)) await peer.close();
  return { answers, seconds };
}

/** A causal trace of one name in the embedded model: states, MLP and attention outputs at every layer and token, 10 draws of noise. */
async function trace(start) {
  const params = { template, subject: "Ben", samples: 10 };
  const { seconds } = await inTurns(start, (peer) => peer.call("trace", params));
  progress(
    `trace: ${Object.entries(seconds)
      .map(([kind, all]) => `${kind} ${median(all).toFixed(2)} s`)
      .join(", ")}`,
  );
  return Object.fromEntries(Object.entries(seconds).map(([kind, all]) => [kind, summary(all)]));
}

/** CounterFact's measures of the edits of eight names, of which the reference makes two; both must turn the same of them. */
async function evaluation(start) {
  const { targets: forms, ...gender } = JSON.parse(readFileSync(join(root, "data/gender.json"), "utf8"));
  const concept = { ...gender, targets: forms.map(({ label, text }) => ({ label, text })) };
  const people = spread(recorded, 8).map(({ name, to }) => {
    const alike = recorded.filter((other) => other.to === to && other.name !== name);
    return { name, neighbours: alike.slice(0, concept.neighbours).map((other) => other.name) };
  });
  const covariance = join(embedded, "covariance-layer2.safetensors");
  const params = { concept, contexts, hyperParameters: published, covariance };
  const some = { ours: people, reference: spread(people, 2) };
  const ask = (peer, kind) => peer.call("evaluate", { ...params, people: some[kind] });
  const { answers, seconds } = await inTurns(start, ask);
  const turned = (kind, person) => answers[kind].wanted[some[kind].indexOf(person)];
  if (!some.reference.every((person) => turned("reference", person) === turned("ours", person)))
    throw new Error("evaluation: an edit turns its name with one peer, and not with the other");
  const each = Object.entries(seconds).map(([kind, all]) => [kind, all.map((value) => value / some[kind].length)]);
  progress(`evaluation, a name: ${each.map(([kind, all]) => `${kind} ${median(all).toFixed(2)} s`).join(", ")}`);
  return Object.fromEntries(each.map(([kind, all]) => [kind, summary(all)]));
}

/** A small verdict card of the embedded model's recorded data, from nothing kept; nobody else makes one. */
function referee() {
  // What it makes lies beside the data.
  const data = mkdtempSync(join(tmpdir(), "rome-referee-"));
  for (const file of ["manifest.json", "records.jsonl", "deltas.safetensors", "classifier.json", "report.json"])
    cpSync(join(embedded, "experiment", file), join(data, file));
  const cli = join(root, "dist/cli.js");
  const sizes = { each: 10, records: 4, controls: 4, permutations: 20, collateral: 4, universal: 4 };
  const flags = Object.entries(sizes).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const started = performance.now();
  execFileSync(process.execPath, [cli, "--json", "referee", data, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  const seconds = (performance.now() - started) / 1000;
  rmSync(data, { recursive: true });
  progress(`referee, a small card: ${seconds.toFixed(1)} s`);
  return { seconds, sizes };
}

/** Seconds per Δv of ours and the tuned peer, as one size grows and the others stay. */
async function growth({ ours, tuned }) {
  const sizes = {
    names: [10, 100, 1000],
    contexts: [1, 6, 11, 21],
    layers: [2, 4, 8, 16],
    width: [128, 256, 512, 1024],
  };
  const base = { names: 16, contexts: 6, layers: 4, width: 256 };
  const found = {};
  for (const [axis, values] of Object.entries(sizes)) {
    found[axis] = [];
    for (const value of values) {
      const { names, contexts: count, layers, width } = { ...base, [axis]: value };
      const shape = `growth-${layers}-${width}`;
      const { folder } = checkpoint(shape, { make: { layers, width, heads: Math.max(2, width / 64) } });
      const hyperParameters = {
        ...published,
        layers: [Math.floor(layers / 4)],
        v_loss_layer: layers - 1,
        v_num_grad_steps: 5,
      };
      const params = { requests: requests.slice(0, names), contexts: contexts.slice(0, count), hyperParameters };
      const peers = { ours: ours(), tuned: tuned() };
      const seconds = { ours: [], tuned: [] };
      for (const [kind, peer] of Object.entries(peers)) {
        await peer.call("open", { folder, threads });
        await peer.call("solve", { ...params, requests: params.requests.slice(0, 16) });
        seconds[kind] = [];
      }
      for (let round = 0; round < (quick || names > 100 ? 1 : 3); round++)
        for (const [kind, peer] of Object.entries(peers))
          seconds[kind].push((await peer.call("solve", params)).seconds / names);
      for (const peer of Object.values(peers)) await peer.close();
      found[axis].push({ value, ours: median(seconds.ours), tuned: median(seconds.tuned) });
      progress(
        `growth, ${axis} ${value}: ours ${median(seconds.ours).toFixed(4)} s, tuned ${median(seconds.tuned).toFixed(4)} s`,
      );
    }
  }
  return { base, ...found };
}

/** Until GPT-J's size can be asked (12.1 GB, kept in its own precision); only where `npm run bench:gptj` has made it. */
async function loadLarge({ ours, reference }) {
  const folder = join(work, "gptj-28");
  if (!existsSync(join(folder, "config.json"))) return undefined;
  const seconds = {};
  for (const [kind, start] of Object.entries({ ours, reference })) {
    const peer = start();
    seconds[kind] = (await peer.call("open", { folder, threads, dtype: "auto" })).seconds;
    await peer.close();
    progress(`load, 12.1 GB: ${kind} ${seconds[kind].toFixed(2)} s`);
  }
  return seconds;
}

/** Bytes of what has to be installed: the packaged program, and PyTorch and transformers with what they need. */
function installSize(python) {
  const bytes = (path) => Number(execFileSync("du", ["-sbL", path], { encoding: "utf8" }).split("\t")[0]);
  const runtime = `node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`;
  const packages = execFileSync(python, [join(import.meta.dirname, "peers/installed.py")], { encoding: "utf8" });
  const ours = ["dist", "models", "media", runtime].reduce((sum, path) => sum + bytes(join(root, path)), 0);
  return { ours, reference: Number(packages) };
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
// What ours starts beside itself is of these sources, too.
execFileSync(process.execPath, ["scripts/build.mjs"], { cwd: root });
const { python, ...start } = await setUp(flags.python, flags.published);
const kept = join(import.meta.dirname, "results.json");
const last = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : {};
const earlier = flags.only === everything ? {} : last;
const results = {
  machine: { ...thisMachine(), threads },
  parts: earlier.parts ?? {},
  // The ratios of the run of all parts before this one, so that what became slower shows.
  before: flags.only === everything ? { parts: last.parts, ratios: last.ratios } : last.before,
  checkpoints: earlier.checkpoints ?? {},
  ratios: earlier.ratios ?? {},
  experiment: earlier.experiment,
  coldFlip: earlier.coldFlip,
  trace: earlier.trace,
  evaluation: earlier.evaluation,
  referee: earlier.referee,
  growth: earlier.growth,
  real: earlier.real,
  loadLarge: earlier.loadLarge,
  installSize: earlier.installSize,
};
const { ratios } = results;
for (const name of wanted.filter((name) => name in plans)) {
  const measured = await measure(name, start);
  results.checkpoints[name] = measured;
  const title = name[0].toUpperCase() + name.slice(1);
  for (const peer of ["reference", "tuned"]) {
    ratios[`${peer}${title}`] = measured.ratios[peer].median;
    ratios[`${peer}Tokens${title}`] = measured.tokensPerSecond.ours / measured.tokensPerSecond[peer];
  }
  ratios[`load${title}`] = measured.load.reference / measured.load.ours;
  if (start.published) ratios[`published${title}`] = measured.ratios.published.median;
  const least = Math.min(measured.memory.reference.anonymous, measured.memory.tuned.anonymous);
  ratios[`peakMemory${title}`] = least / measured.memory.ours.anonymous;
  keep(name);
}
if (wanted.includes("experiment")) {
  results.installSize = installSize(python);
  ratios.installSize = results.installSize.reference / results.installSize.ours;
  results.experiment = await experiment(start);
  results.coldFlip = await coldFlip(start);
  ratios.referenceExperiment = results.experiment.seconds.reference / results.experiment.seconds.ours;
  ratios.tunedExperiment = results.experiment.seconds.tuned / results.experiment.seconds.ours;
  ratios.coldFlip = results.coldFlip.reference.median / results.coldFlip.ours.median;
  ratios.coldFlipTuned = results.coldFlip.tuned.median / results.coldFlip.ours.median;
  if (start.published) {
    ratios.publishedExperiment = results.experiment.seconds.published / results.experiment.seconds.ours;
    ratios.publishedColdFlip = results.coldFlip.published.median / results.coldFlip.ours.median;
  }
  results.trace = await trace(start);
  ratios.trace = results.trace.reference.median / results.trace.ours.median;
  results.evaluation = await evaluation(start);
  ratios.evaluation = results.evaluation.reference.median / results.evaluation.ours.median;
  keep("experiment");
}
ratios.peakMemory = ratios.peakMemorySlice ?? ratios.peakMemoryEmbedded;
if (wanted.includes("referee")) {
  results.referee = referee();
  keep("referee");
}
if (wanted.includes("large")) {
  results.loadLarge = await loadLarge(start);
  if (results.loadLarge) {
    ratios.loadLarge = results.loadLarge.reference / results.loadLarge.ours;
    keep("large");
  } else progress("large: skipped, as npm run bench:gptj has not made its checkpoint");
}
if (wanted.includes("real")) {
  if (flags.model) {
    const rounds = quick ? 1 : 3;
    const folder = flags.model;
    results.real = await measureReal(start, {
      folder,
      threads,
      contexts: contexts.slice(0, 6),
      published,
      rounds,
      progress,
    });
    ratios.tunedReal = results.real.ratio.median;
    keep("real");
  } else progress("real: skipped, as no --model DIR names a pretrained checkpoint");
}
if (wanted.includes("growth")) {
  results.growth = await growth(start);
  writeFileSync(join(root, "docs/pictures/bench-growth.svg"), growthPicture(results.growth));
  keep("growth");
}
console.log(writeTables(results, join(import.meta.dirname, "README.md")));

/** A part with its day, since parts may be measured on different ones. */
function keep(part) {
  results.parts[part] = { date: new Date().toISOString().slice(0, 10), quick };
  writeFileSync(kept, `${JSON.stringify(results, null, 1)}\n`);
}
