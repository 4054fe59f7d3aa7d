/** One size of the question of bench/scale.mjs, in a process of its own: `node scale.mjs '{"names":…}'` prints JSON. */
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { readConcept } from "../src/engine/concept/concept.ts";
import { Dataset } from "../src/engine/experiment/dataset.ts";
import { analyzeFolder } from "../src/engine/experiment/experiment.ts";
import { listHash, type Manifest } from "../src/engine/experiment/manifest.ts";
import type { EditRecord } from "../src/protocol/results.ts";

interface Size {
  readonly root: string;
  readonly work: string;
  readonly names: number;
  readonly width: number;
  readonly inner: number;
  readonly batch: number;
  readonly analyze: boolean;
}

const { root, work, names, width, inner, batch, analyze } = JSON.parse(process.argv[2] as string) as Size;
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

const seconds: Record<string, number> = {};
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  seconds[what] = (performance.now() - start) / 1000;
  return result;
}

const folder = await mkdtemp(join(work, "scale-"));
try {
  const dataset = await Dataset.create(folder, manifest);
  await timed("write", async () => {
    for (let i = 0; i < dataset.batchCount; i++) await dataset.writeBatch(i, rowsAt(i * batch));
  });
  const files = (await readdir(join(folder, "batches"))).length;
  await timed("look", () => dataset.batchesThere());
  await timed("merge", () => dataset.finish((index) => dataset.readBatch(index)));
  const bytes =
    (await stat(join(folder, "deltas.safetensors"))).size + (await stat(join(folder, "records.jsonl"))).size;
  const concept = await readConcept(join(root, "data/gender.json"));
  if (analyze) await timed("analyze", () => analyzeFolder(folder, concept));
  process.stdout.write(JSON.stringify({ files, bytes, seconds, peak: process.resourceUsage().maxRSS * 1024 }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
