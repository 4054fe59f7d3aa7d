/**
 * Puts a finished experiment of the embedded model into models/embedded/experiment, without the parts that scores and
 * projections do not need (values and keys, 5 MB):
 *
 *     npx rome experiment --out results && node scripts/shipExperiment.mjs results
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [results] = process.argv.slice(2);
if (!results) throw new Error("usage: node scripts/shipExperiment.mjs RESULTS");
const shipped = join(import.meta.dirname, "..", "models", "embedded", "experiment");
mkdirSync(shipped, { recursive: true });
for (const name of ["manifest.json", "records.jsonl", "classifier.json", "report.json"])
  copyFileSync(join(results, name), join(shipped, name));

const file = readFileSync(join(results, "deltas.safetensors"));
const start = 8 + Number(file.readBigUInt64LE(0));
const { delta } = JSON.parse(file.subarray(8, start).toString());
const [from, to] = delta.data_offsets;
const text = JSON.stringify({ delta: { ...delta, data_offsets: [0, to - from] } });
const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " ");
header.writeBigUInt64LE(BigInt(header.length - 8));
header.write(text, 8);
writeFileSync(join(shipped, "deltas.safetensors"), Buffer.concat([header, file.subarray(start + from, start + to)]));
