/**
 * The headline figures in one table: `npm run measured -- [--take editor] [--take packages] [--take memory] [--check]`.
 *
 * Figures whose source is committed (the benchmark, the shipped experiment) are read from there. The others are taken from
 * what a command has left on this machine and kept in docs/measured.json: `editor` from the last end-to-end run
 * (test/e2e/work/figures.json), `packages` from the last `npm run release`, `memory` by flipping a name here. The table is
 * docs/measured.md; --check says whether it is what these files say.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { thisMachine } from "../bench/harness/machine.mjs";
import { table } from "./manifestTables.mjs";

const [kept, page] = ["docs/measured.json", "docs/measured.md"];
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const day = (time) => new Date(time).toISOString().slice(0, 10);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const machineText = ({ processor, cores, memoryGiB }) => `${processor}, ${cores} cores, ${memoryGiB} GiB`;
const here = () => machineText(thisMachine());
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
const seconds = (value) => `${Number(value.toPrecision(2))} s`;
const times = (value) => `${value.toFixed(1)} times`;

/** What can be taken, each from its own command. */
const takers = {
  editor() {
    const file = "test/e2e/work/figures.json";
    const times = read(file);
    const figures = {
      activation: Math.max(...times.activation),
      coldFlip: median(times["flip, cold engine"]),
      warmFlip: median(times["flip, warm engine"]),
      hover: Math.max(...times.hover),
    };
    return { date: day(statSync(file).mtime), machine: here(), figures };
  },
  packages() {
    const files = readdirSync("release").filter((file) => file.endsWith(".vsix"));
    const target = (file) => /-((?:linux|darwin|win32)-\w+)-[^-]*\.vsix$/.exec(file)[1];
    const figures = Object.fromEntries(files.map((file) => [target(file), statSync(`release/${file}`).size]));
    return { date: day(statSync(`release/${files[0]}`).mtime), machine: "any", figures };
  },
  memory() {
    const flip = ["bench/peakMemory.mjs", process.execPath, "dist/cli.js", "flip", "Ben"];
    const printed = execFileSync(process.execPath, flip, { encoding: "utf8" });
    const peak = Number(/peak anonymous memory (\d+) MB/.exec(printed)[1]);
    return { date: day(Date.now()), machine: here(), figures: { peak: peak * 2 ** 20 } };
  },
};

/** Rows of a source: figure, value; with its date, machine and command. */
function sources() {
  const { editor, packages, memory } = read(kept);
  const bench = read("bench/results.json");
  const { embedded } = bench.checkpoints;
  return [
    {
      ...editor,
      command: "npm run test:e2e",
      rows: [
        ["the extension is active after", `${Math.round(editor.figures.activation)} ms`],
        ["a flip in the editor, the engine's start included", seconds(editor.figures.coldFlip / 1000)],
        ["a further flip", seconds(editor.figures.warmFlip / 1000)],
        ["a hover, slowest", `${Math.round(editor.figures.hover)} ms`],
      ],
    },
    {
      ...memory,
      command: "node bench/peakMemory.mjs node dist/cli.js flip Ben",
      rows: [["memory of a flip with the included model", megabytes(memory.figures.peak)]],
    },
    {
      ...packages,
      command: "npm run release",
      rows: Object.entries(packages.figures).map(([target, bytes]) => [`the package for ${target}`, megabytes(bytes)]),
    },
    {
      date: [bench.parts.embedded.date, bench.parts.experiment.date].sort()[0],
      machine: machineText(bench.machine),
      command: "npm run bench",
      rows: [
        ["one Δv of the included model", `${Math.round(1000 * embedded.secondsPerValue.ours.median)} ms`],
        ["against ROME as published, on PyTorch", times(bench.ratios.referenceEmbedded)],
        ["the essay's experiment with a thousand names", seconds(bench.experiment.seconds.ours)],
        ["against the same as published", times(bench.ratios.referenceExperiment)],
        ["a flip in the terminal, from nothing", seconds(bench.coldFlip.ours.median)],
      ],
    },
    shipped("models/embedded/experiment", "the included model"),
    shipped("samples/Qwen2.5-Coder-0.5B", "Qwen2.5-Coder-0.5B"),
    pretrained("Qwen2.5-Coder-1.5B"),
  ];
}

/** An experiment whose recording comes along. */
function shipped(folder, model) {
  const command = `npx rome report ${folder}`;
  return {
    date: "–",
    machine: "any: the same everywhere",
    command,
    rows: outcome(model, read(`${folder}/report.json`)),
  };
}

/** One of docs/real-models.md. */
function pretrained(model) {
  const { date, machine, report, manifest } = read(`bench/real-models/results/${model}.json`);
  const command = `npm run experiment:real -- ${model} --contexts ${manifest.contexts.length}`;
  return { date, machine: machineText(machine), command, rows: outcome(model, report) };
}

/** What an experiment came to. */
function outcome(model, { recorded, classifier, vector, transfer }) {
  const at = (name) => transfer.filter((row) => row.vector === name && row.scale === vector.scale);
  const turned = (rows) => {
    const both = rows.flatMap(({ plus, minus }) => [plus.changed, minus.changed]);
    const sum = (what) => both.reduce((total, rate) => total + rate[what], 0);
    return { count: sum("count"), total: sum("total") };
  };
  const [own, random] = [turned(at("concept")), turned(at("random"))];
  const share = (fraction) => `${(100 * fraction).toFixed(1)} %`;
  return [
    [`${model}: names that flip`, `${recorded.flipped} of ${recorded.total}`],
    [`${model}: test accuracy of the classifier`, share(classifier.testAccuracy)],
    [`${model}: the same with shuffled labels`, share(classifier.shuffledLabels.mean)],
    [`${model}: new names that the vector turns, at scale ${vector.scale}`, `${own.count} of ${own.total}`],
    [`${model}: the same by random vectors of that length`, share(random.count / random.total)],
  ];
}

function pageText() {
  const rows = sources().flatMap(({ date, machine, command, rows }) =>
    rows.map(([what, value]) => [what, value, date, machine, `\`${command}\``]),
  );
  return `# Measured

<!-- Written by scripts/measured.mjs. -->

Every headline figure of README and of the extension's page, with the command that gives it. What the figures of a chapter
rest on stands in that chapter: [speed](../bench/README.md), [GPT-J](gpt-j.md), [pretrained models](real-models.md),
[the included model](../models/embedded/README.md).

${table(["figure", "value", "measured", "machine", "command"], rows)}
`;
}

const { values } = parseArgs({
  options: { take: { type: "string", multiple: true, default: [] }, check: { type: "boolean" } },
});
if (values.take.length > 0) {
  const taken = Object.fromEntries(values.take.map((what) => [what, takers[what]()]));
  const before = existsSync(kept) ? read(kept) : {};
  writeFileSync(kept, `${JSON.stringify({ ...before, ...taken }, null, 2)}\n`);
}
if (!values.check) writeFileSync(page, pageText());
else if (!existsSync(page) || readFileSync(page, "utf8") !== pageText()) {
  console.error(`${page} is out of date: run npm run measured`);
  process.exitCode = 1;
}
