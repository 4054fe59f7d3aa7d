import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import { readConcept } from "../../../src/engine/concept/concept.ts";
import { analyze } from "../../../src/engine/experiment/analyze.ts";
import { Dataset } from "../../../src/engine/experiment/dataset.ts";
import { report as reportSchema } from "../../../src/protocol/results.ts";

const root = join(import.meta.dirname, "../../..");
const folder = join(root, "models/embedded/experiment");

it("the shipped report and classifier are what the shipped edits give", async () => {
  const shipped = v.parse(reportSchema, JSON.parse(readFileSync(join(folder, "report.json"), "utf8")));
  const concept = await readConcept(join(root, "data/gender.json"));
  const dataset = await Dataset.open(folder);
  const { records, delta } = await dataset.read();
  const { report, classifier } = analyze({
    records,
    deltas: delta,
    manifest: dataset.manifest,
    concept,
    seed: shipped.seed,
  });
  // What the shipped folder leaves out: v, and with it the control on v; the transfer to other names needs the model.
  const { transfer, validation, classifier: figures, vector, ...rest } = shipped;
  expect(validation).not.toHaveLength(0);
  expect(transfer).not.toHaveLength(0);
  expect(report).toEqual({
    ...rest,
    classifier: { ...figures, onValues: null },
    vector: { ...vector, scale: null },
    transfer: [],
  });
  expect(classifier).toEqual(JSON.parse(readFileSync(join(folder, "classifier.json"), "utf8")));
});
