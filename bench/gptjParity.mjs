/**
 * A slice of four layers at GPT-J's widths (random fp16 weights, 3.2 GB, kept in bench/work) against transformers in
 * float32: log-probabilities of the next token, greedy tokens, and Δv's with 6 contexts. Fails beyond the tolerances that
 * the tests have for small fp16 checkpoints.
 *
 *     npm run parity:gptj                    # sets up PyTorch in bench/work/venv first
 *     npm run parity:gptj -- --python PATH   # with an environment that has requirements.txt
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { work } from "./harness/bundle.mjs";
import { setUp } from "./harness/peers.mjs";
import { cosine, vector } from "./harness/statistics.mjs";

const { values: flags } = parseArgs({
  options: { python: { type: "string" }, steps: { type: "string", default: "3" } },
});
const tolerance = { logProb: 5e-3, cosine: 0.9999, norm: 1e-3 };
const embedded = join(import.meta.dirname, "../models/embedded");
const folder = join(work, "slice");
const prompts = ["Name: Ben. Gender:", "The train to the coast leaves at", "She"];
const tokens = 8;

if (!existsSync(join(folder, "config.json")))
  execFileSync(process.execPath, [join(import.meta.dirname, "makeGptJ.mjs"), folder, "--layers", "4"]);
const contexts = JSON.parse(readFileSync(join(embedded, "contexts.json"), "utf8")).slice(0, 6);
const published = JSON.parse(readFileSync(join(embedded, "rome.json"), "utf8"));
const hyperParameters = { ...published, layers: [1], v_loss_layer: 3, v_num_grad_steps: Number(flags.steps) };
const requests = [
  { template: "Name: {}. Gender:", subject: "Ben", target: " female" },
  { template: "{} lives in the city of", subject: "Sarah", target: " Paris" },
];

const start = await setUp(flags.python);
const peers = { ours: start.ours(), reference: start.reference() };
async function both(method, params) {
  const answers = {};
  for (const [name, peer] of Object.entries(peers)) answers[name] = await peer.call(method, params);
  return answers;
}

await both("open", { folder, threads: 2 });
let logProb = 0;
let sameFirst = 0;
let sameTokens = 0;
for (const prompt of prompts) {
  const found = await both("next", { prompt });
  const [a, b] = [vector(found.ours.logProbs), vector(found.reference.logProbs)];
  for (let i = 0; i < a.length; i++) logProb = Math.max(logProb, Math.abs(a[i] - b[i]));
  sameFirst += a.indexOf(Math.max(...a)) === b.indexOf(Math.max(...b)) ? 1 : 0;
  const made = await both("generate", { prompt, tokens });
  sameTokens += made.ours.tokens.filter((id, i) => id === made.reference.tokens[i]).length;
}
console.log(
  `largest difference of a log-probability, ${prompts.length} prompts × whole head: ${logProb.toExponential(2)}`,
);
console.log(`likeliest next token the same: ${sameFirst} of ${prompts.length}`);
console.log(`greedy tokens the same: ${sameTokens} of ${prompts.length * tokens}`);
const solved = await both("solve", { requests, contexts, hyperParameters });
const deltas = requests.map((_, i) => [vector(solved.ours.deltas[i]), vector(solved.reference.deltas[i])]);
const norm = (x) => Math.hypot(...x);
const cosines = deltas.map(([a, b]) => cosine(a, b));
const ratios = deltas.map(([a, b]) => norm(a) / norm(b));
for (const peer of Object.values(peers)) await peer.close();

console.log(`cosine of Δv, ${flags.steps} steps: ${cosines.map((value) => value.toFixed(7)).join(", ")}`);
console.log(`ratio of ‖Δv‖: ${ratios.map((value) => value.toFixed(6)).join(", ")}`);
const agrees =
  logProb <= tolerance.logProb &&
  sameTokens === prompts.length * tokens &&
  cosines.every((value) => value >= tolerance.cosine) &&
  ratios.every((value) => Math.abs(value - 1) <= tolerance.norm);
console.log(agrees ? "agrees" : "DOES NOT AGREE");
process.exitCode = agrees ? 0 : 1;
