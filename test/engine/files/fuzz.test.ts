/** Edit files and experiment files with seeded damage: read, or refused in words. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseConcept } from "../../../src/engine/concept/concept.ts";
import { readEditFile, writeEditFile } from "../../../src/engine/edits/editFile.ts";
import { RomeError } from "../../../src/engine/run/errors.ts";
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
