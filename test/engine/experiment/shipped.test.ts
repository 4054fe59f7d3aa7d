/** The experiment that travels with the embedded model: its size, its figures, and a sample recorded again. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Dataset } from "../../../src/engine/experiment/dataset.ts";
import { readReport } from "../../../src/engine/experiment/experiment.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { cosine, embeddedPath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const folder = join(embeddedPath, "experiment");
const root = join(import.meta.dirname, "../../..");

it("is at most 2 MB", () => {
  const bytes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(2_000_000);
});

it("shows what the essay shows", async () => {
  const { recorded, classifier, transfer, vector } = await readReport(folder);
  expect(recorded.total).toBe(1000);
  expect(recorded.flipped / recorded.total).toBeGreaterThan(0.98);
  expect(recorded.meanEvaluations).toBeLessThan(10);
  expect(classifier.testAccuracy).toBeGreaterThanOrEqual(0.99);
  expect(classifier.shuffledLabels.low).toBeLessThan(0.5);
  expect(classifier.shuffledLabels.mean).toBeGreaterThan(0.42);
  expect(classifier.shuffledLabels.mean).toBeLessThan(0.58);
  const share = ({ count, total }: { count: number; total: number }) => count / total;
  const best = transfer.find((row) => row.vector === "concept" && row.scale === vector.scale)!;
  expect(best.plus.changed.total + best.minus.changed.total).toBeGreaterThanOrEqual(200);
  for (const changed of [best.plus.changed, best.minus.changed]) expect(share(changed)).toBeGreaterThanOrEqual(0.95);
  for (const stays of [best.plus.stayed, best.minus.stayed]) expect(share(stays)).toBeGreaterThanOrEqual(0.98);
  const random = transfer.filter((row) => row.vector === "random" && row.scale === vector.scale);
  const changes = random.flatMap((row) => [share(row.plus.changed), share(row.minus.changed)]);
  expect(random.length).toBeGreaterThanOrEqual(20);
  expect(changes.reduce((sum, x) => sum + x) / changes.length).toBeLessThan(0.05);
});

it("a sample recorded again agrees", async () => {
  const dataset = await Dataset.open(folder);
  const { records, delta } = await dataset.read();
  const storageFolder = await temporaryFolder();
  const engine = await Engine.create({ model: "embedded", assetsFolder: root, storageFolder });
  const { rome, experiment } = await engine.open();
  expect(experiment?.folder).toBe(folder);
  expect(rome.model.checkpoint.fingerprint).toBe(dataset.manifest.model.fingerprint);
  expect(await rome.contexts.of(undefined, quietRun())).toEqual(dataset.manifest.contexts);

  const offset = Math.floor(Math.random() * 50);
  const sample = records.filter(({ index }) => index % 50 === offset);
  const { prompt, targets } = dataset.manifest;
  const requests = sample.map(({ name, to }) => ({
    subject: name,
    template: prompt,
    target: targets.find(({ label }) => label === to)!.text,
  }));
  const d = rome.model.size.width;
  for (const [i, { delta: again, losses }] of (await rome.edit(requests, {}, quietRun())).entries()) {
    const { index, name, losses: recorded } = sample[i]!;
    // Another processor rounds differently, and a loss close to the threshold may then take one evaluation more or less.
    expect(Math.abs(losses.length - recorded.length), name).toBeLessThanOrEqual(1);
    if (losses.length === recorded.length)
      expect(cosine(again, delta.subarray(index * d, (index + 1) * d)), name).toBeGreaterThan(0.999);
  }
});
