/**
 * Puts a finished experiment where it is shipped, without the parts that scores and projections do not need (values and keys):
 *
 *     npx rome experiment --out results && node scripts/shipExperiment.mjs results models/embedded/experiment
 *     node scripts/shipExperiment.mjs bench/work/real-models/MODEL/experiment-1000-6 samples/MODEL --half
 *
 * --half stores Δv in float16. --name gives the model's name, where it was recorded under that of its folder.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundled } from "./bundled.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { half: { type: "boolean", default: false }, name: { type: "string" } },
});
const [results, shipped] = positionals;
if (!results || !shipped)
  throw new Error("usage: node scripts/shipExperiment.mjs RESULTS FOLDER [--half] [--name NAME]");
mkdirSync(shipped, { recursive: true });
const read = (file) => readFileSync(join(results, file), "utf8");
const written = JSON.stringify(JSON.parse(read("manifest.json")).model.name);
for (const file of ["manifest.json", "records.jsonl", "classifier.json", "report.json"])
  writeFileSync(
    join(shipped, file),
    options.name ? read(file).replaceAll(written, JSON.stringify(options.name)) : read(file),
  );

const { readSafetensors, encodeSafetensorsHeader, encodeNumbers } = await bundled(`
  export { readSafetensors } from "./src/engine/checkpoint/tensorFile.ts";
  export { encodeSafetensorsHeader } from "./src/engine/checkpoint/safetensors.ts";
  export { encodeNumbers } from "./src/engine/checkpoint/storedNumbers.ts";
`);
const name = "deltas.safetensors";
const { shape, data } = (await readSafetensors(join(results, name), ["delta"])).tensors.get("delta");
const type = options.half ? "F16" : "F32";
const bytes = encodeNumbers(data, type);
const { header } = encodeSafetensorsHeader([{ name: "delta", type, shape, length: bytes.length }], {});
writeFileSync(join(shipped, name), Buffer.concat([header, bytes]));
