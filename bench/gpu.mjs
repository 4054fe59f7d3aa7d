/**
 * What a device computes, and how fast, with no network: parity (the tests of forward passes, greedy completions and
 * whole edits on the fixtures of every family), a flip on the embedded model, then GPT-J's shape with random fp16
 * weights, made on the spot: seconds a step, Δv a second by batch, tokens a second, memory, share of the product rate.
 * Prints a table; writes bench/work/gpu.json and, of a GPU, the figures of docs/devices.md.
 *
 *     node bench/gpu.mjs [--device cuda|webgpu|cpu] [--layers 4,28] [--batches 1,4,16,64] [--steps 4] [--tokens 32]
 *                        [--cuda-library FOLDER] [--tf32] [--no-parity] [--keep-docs] [--out FILE]
 *                        [--width 4096 --heads 16 --rotary 64 --vocabulary 50400]
 *
 * A bare machine needs Node and this folder with node_modules. WebGPU needs a Vulkan driver. CUDA needs the card's driver,
 * CUDA and cuDNN 9 on the library path, and FOLDER with libonnxruntime_providers_cuda.so and …_shared.so of the same
 * version: they are put beside onnxruntime-node's own library. The wheel onnxruntime-gpu has them under
 * onnxruntime/capi; that of 1.30 wants CUDA 13.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { cpus, freemem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle, work } from "./harness/bundle.mjs";
import { Peer } from "./harness/peer.mjs";
import { writeBetweenMarks } from "./harness/tables.mjs";

/** Ends with a line of advice; nothing that is asked wrongly ends in a stack. */
function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const usage = "The flags stand in the first lines of bench/gpu.mjs.";
const options = {
  device: { type: "string", default: "cuda" },
  layers: { type: "string", default: "4,28" },
  batches: { type: "string", default: "1,4,16,64" },
  steps: { type: "string", default: "4" },
  tokens: { type: "string", default: "32" },
  width: { type: "string", default: "4096" },
  heads: { type: "string", default: "16" },
  rotary: { type: "string", default: "64" },
  vocabulary: { type: "string", default: "50400" },
  "cuda-library": { type: "string" },
  tf32: { type: "boolean", default: false },
  parity: { type: "boolean", default: true },
  "keep-docs": { type: "boolean", default: false },
  out: { type: "string", default: join(work, "gpu.json") },
};
function parsed() {
  try {
    return parseArgs({ allowNegative: true, options }).values;
  } catch (error) {
    return stop(`${error.message.split("\n")[0]} ${usage}`);
  }
}
const flags = parsed();
for (const name of ["layers", "batches", "steps", "tokens", "width", "heads", "rotary", "vocabulary"])
  if (!/^[1-9]\d*(,[1-9]\d*)*$/.test(flags[name])) stop(`--${name} takes whole numbers above 0, not ${flags[name]}.`);
if (!["cuda", "webgpu", "cpu"].includes(flags.device)) stop(`--device is cuda, webgpu or cpu, not ${flags.device}.`);
const root = join(import.meta.dirname, "..");
const numbers = (text) => text.split(",").map(Number);
const [width, vocabulary] = [Number(flags.width), Number(flags.vocabulary)];
// Without --tf32 the engine switches TF32 off itself.
const env = { ...process.env, ROME_DEVICE: flags.device, ...(flags.tf32 && { NVIDIA_TF32_OVERRIDE: "1" }) };
const contexts = JSON.parse(readFileSync(join(root, "models/embedded/contexts.json"), "utf8"));
const people = readFileSync(join(root, "data/names.csv"), "utf8")
  .split("\n")
  .slice(1, 65)
  .map((line) => line.split(",")[0]);
const parityTests = [
  "test/engine/model/forward.test.ts",
  "test/engine/architectures",
  "test/engine/rome/edits.test.ts",
];

function say(text) {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** What nvidia-smi says of the first card; undefined without one. */
function card() {
  const query = ["--query-gpu=name,driver_version,memory.total,memory.used", "--format=csv,noheader,nounits", "--id=0"];
  const said = spawnSync("nvidia-smi", query, { encoding: "utf8" });
  if (said.status !== 0) return undefined;
  const [name, driver, total, used] = said.stdout.trim().split(", ");
  return { name, driver, totalBytes: Number(total) * 2 ** 20, usedBytes: Number(used) * 2 ** 20 };
}

/** Puts CUDA's provider where onnxruntime looks for it: beside its own library. */
function addCudaLibrary(folder) {
  const place = join(root, "node_modules/onnxruntime-node/bin/napi-v6", process.platform, process.arch);
  if (!existsSync(folder)) stop(`There is no folder ${folder}.`);
  const libraries = readdirSync(folder).filter((name) => /^libonnxruntime_providers_(cuda|shared)\.so$/.test(name));
  if (libraries.length < 2) stop(`${folder} lacks libonnxruntime_providers_cuda.so or …_shared.so`);
  for (const name of libraries) copyFileSync(join(folder, name), join(place, name));
}

/** The tests that compare with PyTorch, on this device. */
function parity() {
  const file = join(work, "gpu-parity.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const options = ["run", "--project", "unit", "--maxWorkers", "1", "--reporter=json", `--outputFile=${file}`];
  spawnSync(process.execPath, [vitest, ...options, ...parityTests], { cwd: root, env, stdio: ["ignore", 2, 2] });
  const { numPassedTests: passed, numFailedTests: failed, testResults } = JSON.parse(readFileSync(file, "utf8"));
  const failures = testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => ({ test: fullName, message: failureMessages[0]?.split("\n")[0] })),
  );
  return { passed, failed, failures };
}

/** The worker on a model, with the most memory that the card has lent meanwhile. */
async function withModel(folder, measure) {
  const before = card()?.usedBytes ?? 0;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, (card()?.usedBytes ?? 0) - before);
  }, 500);
  const peer = new Peer("engine", process.execPath, [worker], { env });
  try {
    const opened = await peer.call("open", { folder });
    const measured = await measure(peer);
    return { ready: opened.ready, ...measured, cardBytes: most, hostBytes: peer.memory.total };
  } finally {
    clearInterval(watch);
    peer.kill();
  }
}

async function flipOf(peer) {
  const { seconds, losses, after } = await peer.call("edit", { contexts, steps: 20, tokens: 8 });
  return { flip: { seconds, evaluations: losses.length, after } };
}

async function speedOf(peer) {
  const [steps, tokens] = [Number(flags.steps), Number(flags.tokens)];
  const { rates } = await peer.call("products", { rows: [64, 512], times: 24 });
  await peer.call("complete", { tokens: 2 });
  const told = await peer.call("complete", { tokens });
  const batches = [];
  for (const count of numbers(flags.batches)) {
    const names = people.slice(0, count);
    const ask = { names, contexts: contexts.slice(0, 6), steps };
    try {
      // The first run of a shape makes sessions and compiles shaders.
      await peer.call("batch", ask);
      const { seconds, entries } = await peer.call("batch", ask);
      const solves = entries.filter(({ kind }) => kind === "solve");
      const step = solves.reduce((sum, each) => sum + each.seconds, 0) / steps;
      const flop = solves.reduce((sum, each) => sum + each.flop, 0) / steps;
      batches.push({ count, step, perSecond: count / seconds, share: flop / step / Math.max(...Object.values(rates)) });
    } catch (error) {
      batches.push({ count, error: error.message });
      break;
    }
  }
  return { rates, tokensPerSecond: tokens / told.seconds, batches };
}

function makeModel(layers) {
  const { heads, rotary } = flags;
  const folder = join(work, `gptj-${[layers, width, heads, rotary, vocabulary].join("-")}`);
  if (existsSync(join(folder, "config.json"))) return folder;
  const needed = 2 * (2 * vocabulary * width + layers * 12 * width * width);
  const { bavail, bsize } = statfsSync(work);
  const memory = card()?.totalBytes ?? freemem();
  // fp16 on disk; a device without fp16 products holds them in fp32.
  if (bavail * bsize < 1.1 * needed || memory < 2.5 * needed) return undefined;
  const shape = ["width", "heads", "rotary", "vocabulary"].flatMap((name) => [`--${name}`, flags[name]]);
  say(`making ${folder} (${(needed / 1e9).toFixed(1)} GB)`);
  execFileSync(process.execPath, [
    join(import.meta.dirname, "makeGptJ.mjs"),
    folder,
    "--layers",
    String(layers),
    ...shape,
  ]);
  return folder;
}

function table({ machine, parity: compared, flip, shapes }) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const some = (number, digits = 3) => Number(number.toPrecision(digits)).toString();
  const lines = [
    `${machine.date}, \`${machine.device}\` on ${machine.card?.name ?? machine.processor}${machine.card ? `, driver ${machine.card.driver}` : ""}.`,
    ...(compared ? [`Parity: ${compared.passed} tests passed, ${compared.failed} failed.`] : []),
    `A flip on the embedded model: ${some(flip.flip.seconds)} s, P( female) ${some(flip.flip.after.probability)}.`,
    "",
    row([
      "GPT-J's shape",
      "products, TFLOP/s",
      "tokens/s",
      "names a batch",
      "s a step",
      "Δv/s at so few steps",
      "share of the product rate",
      "GB on the card",
    ]),
    row(Array(8).fill("---")),
  ];
  for (const { layers, skipped, rates, tokensPerSecond, batches = [], cardBytes } of shapes) {
    if (skipped) lines.push(row([`${layers} layers`, skipped, "", "", "", "", "", ""]));
    for (const { count, error, step, perSecond, share } of batches)
      lines.push(
        row([
          `${layers} layers`,
          some(Math.max(...Object.values(rates)) / 1e12),
          some(tokensPerSecond),
          count,
          ...(error ? [error, "", ""] : [some(step), some(perSecond), `${Math.round(100 * share)} %`]),
          some(cardBytes / 1e9),
        ]),
      );
  }
  return lines.join("\n");
}

mkdirSync(work, { recursive: true });
if (flags["cuda-library"]) addCudaLibrary(flags["cuda-library"]);
const worker = await bundle("gptjWorker");
const machine = {
  date: new Date().toISOString().slice(0, 10),
  device: flags.device,
  processor: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
  card: card(),
};
const result = { machine, shapes: [] };
// Each part is kept as soon as it is there: a machine may be lent for minutes.
const keep = () => writeFileSync(flags.out, `${JSON.stringify(result, null, 1)}\n`);
say(`flip on the embedded model, ${flags.device}`);
result.flip = await withModel(join(root, "models/embedded"), flipOf).catch((error) =>
  stop(`${flags.device}: ${error.message.split("\n")[0]}`),
);
keep();
for (const layers of numbers(flags.layers)) {
  const folder = makeModel(layers);
  say(`GPT-J's shape, ${layers} layers`);
  const measured = folder
    ? await withModel(folder, speedOf).catch(({ message }) => ({ skipped: message.split("\n")[0] }))
    : { skipped: "no room" };
  result.shapes.push({ layers, width, ...measured });
  keep();
}
if (flags.parity) {
  say("parity");
  result.parity = parity();
  keep();
}
const text = table(result);
process.stdout.write(`${text}\n`);
if (!flags["keep-docs"] && flags.device !== "cpu") writeBetweenMarks(text, join(root, "docs/devices.md"));
process.exitCode = result.parity?.failed ? 1 : 0;
