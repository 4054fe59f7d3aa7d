/**
 * What joining and analysing a recording of many names costs: batches of random rows of a model's widths are written,
 * listed, merged and analysed as the merge job does. Writes bench/work/scale.json and the figures of docs/scale.md.
 *
 *     node bench/scale.mjs [--quick] [--keep-docs]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle, work } from "./harness/bundle.mjs";
import { writeBetweenMarks } from "./harness/tables.mjs";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean", default: false }, "keep-docs": { type: "boolean", default: false } },
});
const root = join(import.meta.dirname, "..");
/** Widths of δ and of a key. */
const shapes = [
  { model: "embedded (256, 1,024)", width: 256, inner: 1024, batch: 16, names: [1000, 10_000, 100_000] },
  { model: "Qwen2.5-0.5B (896, 4,864)", width: 896, inner: 4864, batch: 16, names: [1000, 10_000, 100_000] },
  { model: "GPT-J (4,096, 16,384)", width: 4096, inner: 16_384, batch: 2, names: [1000] },
];
/** The classifier's cost grows with names × width; above this it is left to the reader's own patience. */
const mostAnalysed = 10_000 * 256;

mkdirSync(work, { recursive: true });
const program = await bundle("scale");
const results = [];
for (const { model, width, inner, batch, names } of shapes)
  for (const count of flags.quick ? [500] : names) {
    process.stderr.write(`${model}, ${count} names\n`);
    const folder = mkdtempSync(join(work, "scale-"));
    const stage = (name) => {
      const size = JSON.stringify({ root, folder, stage: name, names: count, width, inner, batch });
      return JSON.parse(execFileSync(process.execPath, [program, size], { stdio: ["ignore", "pipe", 2] }));
    };
    const write = stage("write");
    const merge = stage("merge");
    const analyze = count * width <= mostAnalysed ? stage("analyze") : {};
    results.push({ model, names: count, write, merge, analyze });
    rmSync(folder, { recursive: true, force: true });
  }
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`;
writeFileSync(join(work, "scale.json"), `${JSON.stringify({ machine, results }, null, 1)}\n`);

const row = (cells) => `| ${cells.join(" | ")} |`;
const some = (number, digits) => (number === undefined ? "–" : number.toFixed(digits));
const text = [
  `By \`node bench/scale.mjs\` on ${machine}:`,
  "",
  row([
    "widths of",
    "names",
    "files",
    "GB",
    "listing, s",
    "merge, s",
    "its memory, GB",
    "analysis, s",
    "its memory, GB",
  ]),
  row(Array(9).fill("---")),
  ...results.map(({ model, names, write, merge, analyze }) =>
    row([
      model,
      names.toLocaleString("en"),
      write.files.toLocaleString("en"),
      some(merge.bytes / 1e9, 2),
      some(write.look, 2),
      some(merge.seconds, 1),
      some(merge.peak / 1e9, 2),
      some(analyze.seconds, 1),
      some(analyze.peak && analyze.peak / 1e9, 2),
    ]),
  ),
].join("\n");
process.stdout.write(`${text}\n`);
if (!flags["keep-docs"] && !flags.quick) writeBetweenMarks(text, join(root, "docs/scale.md"));
