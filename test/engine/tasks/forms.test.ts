/** Labels have several written forms: which an edit aims at is measured, kept, and can be chosen. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { aimed, type Forms } from "../../../src/engine/tasks/aim.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { flip } from "../../../src/engine/tasks/flip.ts";
import { preflight } from "../../../src/engine/tasks/preflight.ts";
import { record } from "../../../src/engine/tasks/record.ts";
import type { Concept } from "../../../src/protocol/concept.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const root = join(import.meta.dirname, "../../..");
let storageFolder: string;
const opened = () => Engine.create({ model: "embedded", assetsFolder: root, storageFolder });

beforeAll(async () => {
  storageFolder = await temporaryFolder();
});

/** Gender, its usual forms being ones that the embedded model hardly writes. */
async function seldomWritten(engine: Engine): Promise<Concept> {
  const targets: Concept["targets"] = [
    { label: "female", text: " Woman", forms: [" female", " woman"] },
    { label: "male", text: " Man", forms: [" man", " male"] },
  ];
  return { ...engine.concept, targets };
}

const texts = async (engine: Engine, concept: Concept, forms?: Forms) =>
  (await aimed(engine, concept, forms, quietRun())).targets.map(({ text }) => text);
const keptFile = async () => {
  const found = await readdir(storageFolder, { recursive: true });
  return join(storageFolder, found.find((name) => /forms-[0-9a-f]+\.json$/.test(name)) ?? "none");
};

it("an edit aims at the form that the model writes most; any form of a label counts as the label", async () => {
  const engine = await opened();
  const concept = await seldomWritten(engine);
  const [result] = await flip(engine, { names: ["Ben"], concept, contexts: "none", maxTokens: 4 }, quietRun());
  const { form, before, after, flipped, proof } = result!.view;
  expect(form).toBe(" female");
  expect(result!.saved.entry.target).toBe(" female");
  expect(before.probability.male).toBeGreaterThan(0.9);
  expect(after.probability.female).toBeGreaterThan(0.9);
  expect(after.completion).toMatch(/^ female/);
  expect(flipped).toBe(true);
  expect(proof.untouched).toBe(true);
});

it("what was measured is kept and read again; a damaged file is measured anew", async () => {
  const engine = await opened();
  const concept = await seldomWritten(engine);
  expect(await texts(engine, concept)).toEqual([" female", " male"]);
  const file = await keptFile();
  const kept = await readFile(file, "utf8");
  const { targets } = JSON.parse(kept);
  expect(targets[0]).toMatchObject({ label: "female", names: 32 });
  expect(targets[0].forms[1].probability).toBeGreaterThan(0.9);

  // Another engine believes the file, whatever it says…
  targets[1].forms[1].probability = 1;
  await writeFile(file, JSON.stringify({ ...JSON.parse(kept), targets }));
  expect(await texts(await opened(), concept)).toEqual([" female", " man"]);
  // …unless it is none.
  for (const damaged of [kept.slice(0, 100), "[]", kept.replace(" Man", " Person")]) {
    await writeFile(file, damaged);
    expect(await texts(await opened(), concept)).toEqual([" female", " male"]);
    expect(await readFile(file, "utf8")).toBe(kept);
  }
});

it("the form can be chosen, also one that the concept does not list", async () => {
  const engine = await opened();
  const concept = await seldomWritten(engine);
  expect(await texts(engine, concept, { male: "man" })).toEqual([" female", " man"]);
  const { targets } = await aimed(engine, concept, { female: " lady", male: " man" }, quietRun());
  expect(targets[0]).toEqual({ label: "female", text: " lady", forms: [" Woman", " female", " woman"] });
  expect(await texts(engine, engine.concept)).toEqual([" female", " male"]);
  await expect(texts(engine, concept, { robot: " robot" })).rejects.toThrow('There is no label "robot"');
  await expect(texts(engine, concept, { male: " woman" })).rejects.toThrow("a form of both labels");
  await expect(texts(engine, concept, { male: " woman who" })).rejects.toThrow(
    '" woman" begins " woman who", a form of the other label.',
  );
});

it.each([
  ["of the other label", " male person", " male teacher"],
  ["of none", " female person", " male person"],
])("a long form is judged by all of its tokens: the first may begin much else, be it a form %s", async (_, a, b) => {
  const engine = await opened();
  const targets: Concept["targets"] = [
    { label: "female", text: " woman", forms: [a] },
    { label: "male", text: " man", forms: [b] },
  ];
  expect(await texts(engine, { ...engine.concept, targets })).toEqual([" woman", " man"]);
});

it("a look at an edit before it is made measures nothing", async () => {
  const engine = await opened();
  const concept = { ...(await seldomWritten(engine)), prompt: "Who is {}? A" };
  const before = await readdir(storageFolder, { recursive: true });
  const { targets } = await preflight(engine, { name: "Ben", concept, contexts: "none" }, quietRun());
  expect(targets.map((tokens) => tokens.join(""))).toEqual([" Woman", " Man"]);
  const forms = (list: string[]) => list.filter((name) => name.includes("forms-"));
  expect(forms(await readdir(storageFolder, { recursive: true }))).toEqual(forms(before));
});

it("a label of one form keeps its text, whatever the model writes, and so does one without names", async () => {
  const engine = await opened();
  const [female, male] = (await seldomWritten(engine)).targets;
  const single: Concept = { ...engine.concept, targets: [{ label: "female", text: " woman" }, male] };
  expect(await texts(engine, single)).toEqual([" woman", " male"]);
  const asked = await aimed(engine, single, { female: " lady" }, quietRun());
  expect(asked.targets[0]).toEqual({ label: "female", text: " lady", forms: [" woman"] });
  const nameless: Concept = {
    ...engine.concept,
    targets: [female, { label: "robot", text: " Robot", forms: [" robot"] }],
  };
  expect(await texts(engine, nameless)).toEqual([" Woman", " Robot"]);
});

it("a recording keeps the form it was begun with; an older one, which knows no others, goes on with its text", async () => {
  const engine = await opened();
  const folder = join(await temporaryFolder(), "set");
  const namesFile = join(await temporaryFolder(), "names.csv");
  await writeFile(namesFile, "name,gender\nBen,male\nBrittany,female\nPeter,male\n");
  const hyperParameters = { v_num_grad_steps: 1 };
  const request = { folder, namesFile, contexts: "none" as const, hyperParameters, shard: { index: 1, count: 2 } };
  await record(engine, { ...request, forms: { male: " man" } }, quietRun());
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  expect(manifest.targets[1]).toEqual({ label: "male", text: " man", forms: [" male", " Male", " M", " m", " Man"] });
  await expect(record(engine, request, quietRun())).rejects.toThrow('another form of "male" (" man", not " male")');

  const [female] = manifest.targets;
  const older = {
    ...manifest,
    targets: [
      { label: "female", text: " female" },
      { label: "male", text: " male" },
    ],
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(older));
  await record(engine, { ...request, shard: undefined }, quietRun());
  const [first] = (await readFile(join(folder, "records.jsonl"), "utf8"))
    .split("\n")
    .map((line) => line && JSON.parse(line));
  expect(first.name).toBe("Ben");
  expect(female.forms).toContain(" Female");
});

it("a recording of more names than there are is refused", async () => {
  const engine = await opened();
  const folder = join(await temporaryFolder(), "set");
  await expect(record(engine, { folder, count: 1_001 }, quietRun())).rejects.toThrow(
    "There are 1,000 names to record, fewer than the 1,001 asked for",
  );
});
