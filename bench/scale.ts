/** One stage of one size of bench/scale.mjs, in a process of its own: `node scale.mjs '{"stage":…}'` prints JSON. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { readConcept } from "../src/engine/concept/concept.ts";
import { Dataset } from "../src/engine/experiment/dataset.ts";
import { analyzeFolder } from "../src/engine/experiment/experiment.ts";
import { listHash, type Manifest } from "../src/engine/experiment/manifest.ts";
import type { EditRecord } from "../src/protocol/results.ts";

interface Size {
  readonly root: string;
  readonly folder: string;
  readonly stage: "write" | "merge" | "analyze";
  readonly names: number;
  readonly width: number;
  readonly inner: number;
  readonly batch: number;
}

const { root, folder, stage, names, width, inner, batch } = JSON.parse(process.argv[2] as string) as Size;
const shipped = join(root, "models/embedded/experiment");
const [line = ""] = (await readFile(join(shipped, "records.jsonl"), "utf8")).split("\n");
const usual = JSON.parse(line) as EditRecord;
const listed = Array.from({ length: names }, (_, i) => ({ name: `Name${i}`, label: i % 2 ? "female" : "male" }));
const known = JSON.parse(await readFile(join(shipped, "manifest.json"), "utf8")) as Manifest;
const manifest: Manifest = { ...known, batch, names: { count: names, sha256: listHash(listed), of: "list" } };

/** Rows that a classifier can tell apart, with noise: what they hold does not change what they cost. */
function rowsAt(start: number) {
  const count = Math.min(batch, names - start);
  const noise = (length: number) => Float32Array.from({ length }, () => Math.random() - 0.5);
  const delta = noise(count * width);
  const records = listed.slice(start, start + count).map(({ name, label }, i) => {
    const [from, to] = label === "male" ? ["male", "female"] : ["female", "male"];
    for (let j = 0; j < width; j += 8) delta[i * width + j] = (label === "male" ? 0.3 : -0.3) + Math.random() - 0.5;
    return { ...usual, index: start + i, name, expected: label, from: from as string, to: to as string };
  });
  return { records, delta, value: noise(count * width), key: noise(count * inner) };
}

const stages = {
  write: async () => {
    const dataset = await Dataset.create(folder, manifest);
    for (let i = 0; i < dataset.batchCount; i++) await dataset.writeBatch(i, rowsAt(i * batch));
    const files = (await readdir(join(folder, "batches"))).length;
    const start = performance.now();
    await dataset.batchesThere();
    return { files, look: (performance.now() - start) / 1000 };
  },
  merge: async () => {
    const dataset = await Dataset.open(folder);
    await dataset.finish((index) => dataset.readBatch(index));
    const sizes = await Promise.all(
      ["deltas.safetensors", "records.jsonl"].map(async (name) => (await stat(join(folder, name))).size),
    );
    return { bytes: sizes.reduce((a, b) => a + b) };
  },
  analyze: async () => {
    await analyzeFolder(folder, await readConcept(join(root, "data/gender.json")));
    return {};
  },
};
const start = performance.now();
const found = await stages[stage]();
const seconds = (performance.now() - start) / 1000;
process.stdout.write(JSON.stringify({ ...found, seconds, peak: process.resourceUsage().maxRSS * 1024 }));
