/**
 * What 100,000 names × 10 layers × 5 models cost, from measured rates: writes the table of docs/scale.md "on paper".
 *
 *     node bench/onPaper.mjs [--keep-docs]
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeBetweenMarks } from "./harness/tables.mjs";

const { values: flags } = parseArgs({ options: { "keep-docs": { type: "boolean", default: false } } });
const [names, layers, shards, cores] = [100_000, 10, 200, 2];
/** Bytes a name beside its rows: the record. */
const record = 400;
/** GB a second that a merge writes: a folder of Qwen2.5-0.5B in 46 s (`node bench/scale.mjs`). */
const mergeRate = 2.7 / 46;

/**
 * Seconds a name on two cores. Qwen2.5: 48 names in 131 s, 32 in 251 s (bench/README.md). GPT-J: two names in 260 s
 * (docs/gpt-j.md). SmolLM2-135M's are Qwen2.5-0.5B's, by the number of parameters. Merges in seconds: measured, or for GPT-J by a hundredth of the names.
 */
const qwen = 2.7;
const models = [
  { name: "embedded", d: 256, m: 1024, seconds: 0.041, batch: 16, merge: 14 },
  { name: "SmolLM2-135M", d: 576, m: 1536, seconds: (qwen * 0.135) / 0.494, isScaled: true, batch: 16 },
  { name: "Qwen2.5-0.5B", d: 896, m: 4864, seconds: qwen, batch: 16, merge: 46 },
  { name: "Qwen2.5-1.5B", d: 1536, m: 8960, seconds: 7.8, batch: 16 },
  { name: "GPT-J-6B", d: 4096, m: 16_384, seconds: 260 / 2, batch: 2, merge: 2.6 * 100, isMergeScaled: true },
];

const two = (number) => Number(number.toPrecision(2)).toLocaleString("en", { maximumSignificantDigits: 2 });
const whole = (number) => Math.round(number).toLocaleString("en");
const row = (cells) => `| ${cells.join(" | ")} |`;
const costs = models.map((model) => {
  const { d, m, seconds, batch } = model;
  const bytes = names * (4 * (2 * d + m) + record);
  return {
    ...model,
    coreHours: (seconds * cores * names * layers) / 3600,
    shardHours: (seconds * names) / shards / 3600,
    gigabytes: (bytes * layers) / 1e9,
    files: (names / batch) * layers,
    merged: model.merge ?? bytes / 1e9 / mergeRate,
  };
});
const sum = (key) => costs.reduce((all, cost) => all + cost[key], 0);
const largest = costs.at(-1);
const text = [
  row([
    "model (d, m)",
    "s a name, 2 cores",
    "core hours, 10 layers",
    "a shard of 200, hours",
    "GB, 10 layers",
    "batch files at once",
    "merge of a folder, s",
  ]),
  row(Array(7).fill("---")),
  ...costs.map(({ name, d, m, seconds, isScaled, coreHours, shardHours, gigabytes, files, ...rest }) => {
    const paper = (text) => (isScaled ? `*${text}*` : text);
    return row([
      `${name} (${whole(d)}, ${whole(m)})`,
      // What was measured is given as it was.
      paper(isScaled ? two(seconds) : String(seconds)),
      paper(two(coreHours)),
      paper(two(shardHours)),
      two(gigabytes),
      whole(files),
      rest.merge === undefined || rest.isMergeScaled ? `*${two(rest.merged)}*` : two(rest.merged),
    ]);
  }),
  "",
  `Together ${two(sum("coreHours"))} core hours, of which ${largest.name} takes ${whole((100 * largest.coreHours) / sum("coreHours"))} %, and ${two(sum("gigabytes"))} GB of results.`,
].join("\n");
process.stdout.write(`${text}\n`);
if (!flags["keep-docs"]) writeBetweenMarks(text, join(import.meta.dirname, "..", "docs/scale.md"), "paper");
