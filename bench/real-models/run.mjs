/**
 * The whole experiment on pretrained models that nobody here trained, from nothing to docs/real-models.md:
 *
 *     npm run experiment:real -- MODEL [--gguf FILE] [--contexts 21] [--count N] [--new-names N]
 *     npm run experiment:real           the page alone, of what is there
 *
 * MODEL is one of models.mjs. Needs Python (for pip) and the built command line. What is recorded lies under
 * bench/work/real-models, a folder a model, and what the page needs of it in results/; it takes hours, and goes on where it
 * was stopped when the same command is run again.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkGguf, fetchGguf, Stop } from "./fetch.mjs";
import { models } from "./models.mjs";
import { writePage } from "./page.mjs";
import { digestOf, keepDigest } from "./results.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gguf: { type: "string" },
    contexts: { type: "string", default: "21" },
    count: { type: "string" },
    "new-names": { type: "string", default: "200" },
    concept: { type: "string" },
    threads: { type: "string" },
    page: { type: "string", default: "docs/real-models.md" },
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
  },
});
const here = import.meta.dirname;
const root = join(here, "..", "..");
const work = join(root, "bench", "work", "real-models");
const cli = join(root, "dist", "cli.js");

function say(text) {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** Runs `rome … --json`; its progress goes on to the user. A failure is the JSON's error. */
function rome(args) {
  const threads = options.threads ? ["--threads", options.threads] : [];
  const child = spawn(process.execPath, [cli, ...threads, "--json", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const result = text === "" ? undefined : JSON.parse(text);
      if (code === 0) resolve(result);
      else
        reject(
          Object.assign(new Stop("This step did not end. Run the same command again to go on."), result?.error ?? {}),
        );
    });
  });
}

/** A step with a result file, made once; its time counts the tries that were stopped, too. */
async function once(folder, name, what, make) {
  const path = join(folder, `${name}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8"));
  say(what);
  const spent = join(folder, `${name}.seconds`);
  const before = existsSync(spent) ? Number(readFileSync(spent, "utf8")) : 0;
  const started = Date.now();
  const seconds = () => before + Math.round((Date.now() - started) / 1000);
  const timer = setInterval(() => writeFileSync(spent, String(seconds())), 10_000);
  try {
    const result = { ...(await make()), seconds: seconds() };
    writeFileSync(path, JSON.stringify(result, null, 1));
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** The first names of the file for trying the vector on, in a file of their own, and the concept that names it. */
function conceptFile(folder) {
  const source = options.concept ?? join(root, "data", "gender.json");
  const concept = JSON.parse(readFileSync(source, "utf8"));
  const [header, ...rows] = readFileSync(join(root, "data", "names-new.csv"), "utf8")
    .trim()
    .split(/\r?\n/);
  const newNames = join(folder, `names-new-${options["new-names"]}.csv`);
  writeFileSync(newNames, `${[header, ...rows.slice(0, Number(options["new-names"]))].join("\n")}\n`);
  const path = join(folder, "concept.json");
  concept.names = { ...concept.names, file: join(root, "data", "names.csv"), newNames };
  writeFileSync(path, JSON.stringify(concept, null, 1));
  return path;
}

async function experiment(name) {
  const model = models[name];
  if (!model) throw new Stop(`There is no ${name} here. The models are: ${Object.keys(models).join(", ")}.`);
  if (!existsSync(cli)) throw new Stop("The command line is not built. Run npm run build first.");
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });

  const added = await once(folder, "model", `${name}: the model`, async () => {
    if (options.gguf) await checkGguf(options.gguf, model.sha256);
    const gguf = options.gguf ?? (await fetchGguf(model, folder, options.python));
    return { ...(await rome(["models", "add", gguf])), gguf };
  });
  const corpus = join(work, "corpus.txt");
  if (!existsSync(corpus)) execFileSync(options.python, [join(here, "corpus.py"), corpus]);
  const of = ["--model", added.folder];
  const concept = ["--concept", conceptFile(folder)];

  const prepared = await once(folder, "prepared", `${name}: preparing`, async () => {
    const args = [...of, "prepare", ...concept, "--text", corpus];
    try {
      return await rome(args);
    } catch (error) {
      if (error.reason !== "data") throw error;
      say(`${error.message} The experiment goes on all the same.`);
      return { ...(await rome([...args, "--skip", "known"])), unknown: error.message };
    }
  });

  const count = options.count ?? String(model.names);
  const run = `experiment-${count}-${options.contexts}`;
  const out = join(folder, run);
  const { seconds } = await once(folder, run, `${name}: ${count} names with ${options.contexts} contexts`, async () => {
    const args = ["experiment", ...concept, "--count", count, "--contexts", options.contexts, "--out", out];
    await rome([...of, ...args]);
    return {};
  });
  // Where the program keeps what it found is nobody else's business.
  const { file: _, page: __, ...found } = prepared;
  keepDigest(digestOf(out, { name, seconds, prepared: found }));
}

try {
  const [name] = positionals;
  if (name) await experiment(name);
  writePage(resolve(root, options.page), root);
  say(`written: ${options.page}`);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = 1;
}
