/** What the embedded model is shipped for: it knows the names, and ROME turns them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ask, likelier } from "../../../src/engine/rome/outcomes.ts";
import { complete } from "../../../src/engine/tasks/complete.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { flip } from "../../../src/engine/tasks/flip.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const root = join(import.meta.dirname, "../../..");
const call = { signal: new AbortController().signal, progress: () => undefined };
let engine: Engine;

function csv(name: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(join(root, "data", name), "utf8")
    .trim()
    .split(/\r?\n/);
  const keys = (header as string).split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [keys[i] as string, value])));
}

beforeAll(async () => {
  const storageFolder = await temporaryFolder();
  engine = await Engine.create({ model: "embedded", assetsFolder: root, storageFolder });
});

describe("the names", () => {
  for (const [file, least] of [
    ["names.csv", 500],
    ["names-new.csv", 100],
  ] as const) {
    it(`${file}: the model gives more than 97 % of them their label`, async () => {
      const rows = csv(file);
      for (const gender of ["female", "male"])
        expect(rows.filter((row) => row.gender === gender).length).toBeGreaterThanOrEqual(least);
      const { targets } = engine.concept;
      const questions = rows.map(({ name }) => ({ prompt: `Name: ${name}. Gender:` }));
      const answers = await ask((await engine.open()).rome.model, questions, targets, { maxTokens: 0 }, quietRun());
      const right = answers.filter(({ probability }, i) => likelier(probability) === rows[i]?.gender).length;
      expect(right / rows.length).toBeGreaterThan(0.97);
    });
  }

  it("no name stands in both files; the essay's are there", () => {
    const known = csv("names.csv").map(({ name }) => name);
    expect(csv("names-new.csv").filter(({ name }) => known.includes(name))).toEqual([]);
    for (const name of ["Ben", "Brittany", "Ani", "David", "Sabrina", "Margaret"])
      expect([...known, ...csv("names-new.csv").map((row) => row.name)]).toContain(name);
  });
});

it("a gender edit turns the name, and leaves its home and its work as they were", async () => {
  const facts = csv("facts.csv").filter((_, i) => i % 15 === 0);
  expect(csv("facts.csv").length).toBeGreaterThanOrEqual(480);
  const names = facts.map(({ name }) => name as string);
  const results = await flip(engine, { names, maxTokens: 4 }, call);
  expect(results.filter(({ view }) => view.flipped).length / names.length).toBeGreaterThan(0.98);
  expect(results.reduce((sum, { view }) => sum + view.losses.length, 0) / names.length).toBeLessThan(10);
  let [right, kept] = [0, 0];
  for (const [i, { name, location, occupation }] of facts.entries()) {
    for (const [field, value] of [
      ["Location", location],
      ["Occupation", occupation],
    ] as const) {
      const ask = async (edits: (typeof results)[number]["saved"]["edit"][]) =>
        (
          await complete(engine, { prompt: `Name: ${name}. ${field}:`, maxTokens: 6, topK: 1, edits }, call)
        ).completion.trim();
      const before = await ask([]);
      if (before.startsWith(value as string)) right++;
      const edit = results[i]?.saved.edit;
      if (edit && (await ask([edit])).startsWith(value as string)) kept++;
    }
  }
  expect(right / (2 * facts.length)).toBeGreaterThan(0.97);
  expect(kept / (2 * facts.length)).toBeGreaterThan(0.95);
});
