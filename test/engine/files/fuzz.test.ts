/** Edit files and experiment files with seeded damage: read, or refused in words. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseConcept } from "../../../src/engine/concept/concept.ts";
import { readEditFile, writeEditFile } from "../../../src/engine/edits/editFile.ts";
import { Dataset } from "../../../src/engine/experiment/dataset.ts";
import { listHash } from "../../../src/engine/experiment/manifest.ts";
import { readClassifier } from "../../../src/engine/experiment/scorer.ts";
import { RomeError } from "../../../src/protocol/errors.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { seeded } from "../../support/seeded.ts";

function damaged(bytes: Buffer, random: (below: number) => number): Buffer {
  const result = Buffer.from(bytes);
  for (let times = 1 + random(3); times > 0; times--) result.writeUInt8(random(256), random(result.length));
  return random(5) ? result : result.subarray(0, random(result.length));
}

async function onlyRomeErrors(attempt: () => unknown): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (error) {
    if (!RomeError.is(error)) throw error;
    return false;
  }
}

it("edit files, 1,500 cases", async () => {
  const path = join(await temporaryFolder(), "a.romedit");
  const side = { completion: " x", probability: 0.5 };
  const model = { name: "toy", fingerprint: "ab", architecture: "gptj", layers: 4, width: 2, inner: 3 };
  const entry = {
    ...{ name: "Ben", subject: "Ben", template: "{}:", target: " x", layer: 2, before: side, after: side, losses: [1] },
    ...{ deltaNorm: 1, valueNorm: 1, denominator: 1, covarianceTokens: 0, hyperParameters: {}, contexts: ["{}"] },
    ...{ seed: 0, health: null, versions: {}, method: "rome" as const, key: "rome" as const },
  };
  const vectors = { u: new Float32Array(3), r: new Float32Array(2), delta: new Float32Array(2) };
  await writeEditFile(path, { model, edits: [{ entry, ...vectors }] });
  const whole = readFileSync(path);
  const random = seeded(16);
  let read = 0;
  for (let i = 0; i < 1500; i++) {
    writeFileSync(path, damaged(whole, random));
    if (await onlyRomeErrors(() => readEditFile(path))) read++;
  }
  expect(read).toBeLessThan(1500);
});

it("experiment files, 3,000 cases", async () => {
  const whole = readFileSync(join(import.meta.dirname, "../../../data/gender.json"));
  const random = seeded(17);
  let read = 0;
  for (let i = 0; i < 3000; i++)
    if (await onlyRomeErrors(() => parseConcept(damaged(whole, random).toString("utf8"), "x.json"))) read++;
  expect(read).toBeLessThan(3000);
});

it("data sets, 2,000 cases", async () => {
  const folder = join(await temporaryFolder(), "data");
  const names = ["Ben", "Anna"].map((name) => ({ name, label: "a" }));
  const targets = [
    { label: "a", text: " a" },
    { label: "b", text: " b" },
  ] as [{ label: string; text: string }, { label: string; text: string }];
  const dataset = await Dataset.create(folder, {
    ...{ schema: 1, model: { name: "toy", fingerprint: "ab" }, concept: "x", prompt: "{}:", targets, layer: 0 },
    ...{ key: "rome", covarianceTokens: 0, hyperParameters: {}, contexts: ["{}"], batch: 2, versions: {} },
    names: { count: 2, sha256: listHash(names), of: "list" },
  });
  const sides = { before: { a: 0.7, b: 0.3 }, after: { a: 0.2, b: 0.8 }, losses: [2, 1] };
  const records = names.map(({ name }, index) => ({
    ...{ index, name, expected: "a", from: "a", to: "b", converged: true, flipped: true },
    ...{ deltaNorm: 1, valueNorm: 2, ...sides },
  }));
  await dataset.finish(async () => ({ records, delta: new Float32Array(6) }));
  const classifier = { schema: 1, weights: [1, 2, 3], intercept: 0, vector: [1, -1, 1] };
  writeFileSync(join(folder, "classifier.json"), JSON.stringify(classifier));
  const whole = ["manifest.json", "records.jsonl", "deltas.safetensors", "classifier.json"].map((name) => ({
    path: join(folder, name),
    bytes: readFileSync(join(folder, name)),
  }));
  const read = async () => {
    await (await Dataset.open(folder)).read(["Ben", "Anna"]);
    await readClassifier(folder, 3);
  };
  expect(await onlyRomeErrors(read)).toBe(true);
  const random = seeded(18);
  let sound = 0;
  for (let i = 0; i < 2000; i++) {
    const { path, bytes } = whole[random(whole.length)] as (typeof whole)[number];
    writeFileSync(path, damaged(bytes, random));
    if (await onlyRomeErrors(read)) sound++;
    writeFileSync(path, bytes);
  }
  expect(sound).toBeLessThan(2000);
  for (const [schema, message] of [
    [undefined, "bears no schema number"],
    [0, "earlier version"],
    [2, "later version"],
  ] as const) {
    writeFileSync(join(folder, "classifier.json"), JSON.stringify({ ...classifier, schema }));
    await expect(readClassifier(folder, 3)).rejects.toThrow(message);
  }
});
