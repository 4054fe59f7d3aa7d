/** Concepts in the editor: which there are, which is chosen, what "New Concept…" writes, and the schema of the files. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import schema from "../../media/concept.schema.json" with { type: "json" };
import { readConcept } from "../../src/engine/concept/concept.ts";
import { readExperimentNames } from "../../src/engine/concept/names.ts";
import { createApi } from "../../src/engine/server/api.ts";
import { ConceptInForce } from "../../src/extension/concepts/conceptInForce.ts";
import { Concepts } from "../../src/extension/concepts/concepts.ts";
import { answerIn, answersOf, conceptText, namesText, slugOf } from "../../src/extension/concepts/conceptText.ts";
import { conceptFile } from "../../src/protocol/concept.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { memento } from "../support/memento.ts";
import { quietRun } from "../support/run.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const root = join(import.meta.dirname, "../..");
const gender = join(root, "data/gender.json");
const places = join(root, "docs/concepts/london-paris.json");

it("a workspace's concept is kept; one that cannot be read any more gives way to gender", async () => {
  const folder = await temporaryFolder();
  const own = join(folder, "own.concept.json");
  writeFileSync(own, readFileSync(places, "utf8").replace("London and Paris", "Mine"));
  const kept = memento();
  const open = async () => {
    const concepts = new Concepts([gender, places], kept, async () => [own], log);
    await concepts.load();
    return concepts;
  };
  const first = await open();
  expect(first.file).toBeUndefined();
  expect(first.labels).toEqual(["female", "male"]);
  expect((await first.list()).map(({ concept, shipped }) => [concept?.name, shipped])).toEqual([
    ["gender", true],
    ["London and Paris", true],
    ["Mine", false],
  ]);
  await first.choose(own);
  const next = await open();
  expect(next).toMatchObject({
    file: own,
    labels: ["London", "Paris"],
    namesFile: join(folder, "../../data/facts.csv"),
  });
  writeFileSync(own, "{");
  expect((await open()).labels).toEqual(["female", "male"]);
});

it("a chosen file that changes on disk is read again once nothing runs; one that became invalid leaves the old in force", async () => {
  const own = join(await temporaryFolder(), "own.concept.json");
  const text = readFileSync(places, "utf8");
  writeFileSync(own, text);
  const concepts = new Concepts([gender, places], memento(), async () => [own], log);
  await concepts.load();
  const engine = {
    state: { kind: "stopped" as string, busy: false },
    restarts: 0,
    restart: async () => void engine.restarts++,
  };
  const followed: string[] = [];
  const told = (what: string) => async () => void followed.push(what);
  const services = [
    concepts,
    engine,
    { isRunning: false },
    { load: told("names") },
    { load: told("report") },
    { folder: "embedded", refresh: () => followed.push("hovers") },
    { describe: told("model") },
  ] as unknown as ConstructorParameters<typeof ConceptInForce>;
  const inForce = new ConceptInForce(...services);
  await inForce.choose(own);
  expect(followed.splice(0)).toEqual(["names", "report", "hovers"]);

  // The same text again changes nothing, nor does the file's own event beside its choice.
  await inForce.filesChanged();
  expect(followed).toEqual([]);
  await Promise.all([inForce.choose(own), inForce.filesChanged()]);
  expect(followed.splice(0)).toEqual(["names", "report", "hovers"]);

  engine.state = { kind: "ready", busy: true };
  writeFileSync(own, text.replace("Name: {}. Location:", "{} lives in"));
  await inForce.filesChanged();
  expect(concepts.concept?.prompt).toBe("Name: {}. Location:");
  engine.state = { kind: "ready", busy: false };
  await inForce.catchUp();
  expect(concepts.concept?.prompt).toBe("{} lives in");
  expect(concepts.text).toContain("{} lives in");
  expect(followed.splice(0)).toEqual(["names", "report", "model"]);
  expect(engine.restarts).toBe(1);

  writeFileSync(own, text.replace("Name: {}. Location:", "no place for a name"));
  await inForce.filesChanged();
  expect(concepts).toMatchObject({ file: own, concept: { prompt: "{} lives in" }, unusable: { file: own } });
  expect(concepts.unusable?.problem).toContain("{}");
  expect([followed, engine.restarts]).toEqual([[], 1]);
  // An engine that starts meanwhile works with what is in force, too.
  const options = { model: "embedded", assetsFolder: root, storageFolder: await temporaryFolder() };
  await expect(createApi({ ...options, conceptFile: own })).rejects.toThrow("{} exactly once");
  const started = await createApi({ ...options, conceptFile: own, conceptText: concepts.text });
  expect((await started.describe({}, quietRun())).defaults.concept.prompt).toBe("{} lives in");

  writeFileSync(own, text);
  await inForce.filesChanged();
  expect(concepts).toMatchObject({ concept: { prompt: "Name: {}. Location:" }, unusable: undefined });
  expect(engine.restarts).toBe(2);
});

it("an engine of another concept flips, checks and counts by it, and takes no score of the shipped one", async () => {
  const storageFolder = await temporaryFolder();
  const options = { model: "embedded", assetsFolder: root, storageFolder };
  const engine = await createApi({ ...options, conceptFile: places });
  const description = await engine.describe({}, quietRun());
  expect(description.defaults.concept.prompt).toBe("Name: {}. Location:");
  expect(description.hasExperiment).toBe(false);
  const counts = await engine.countNames({}, quietRun());
  expect(counts.recorded).toBe(140);
  expect(counts.fresh).toBe(60);
  const [flip] = await engine.flip({ names: ["James"], maxTokens: 4 }, quietRun());
  expect([flip?.view.from, flip?.view.to].sort()).toEqual(["London", "Paris"]);
  expect(flip?.view.score).toBeNull();
  const usual = await createApi(options);
  expect((await usual.describe({}, quietRun())).hasExperiment).toBe(true);
});

it("what New Concept writes is a concept file with its names", async () => {
  const folder = await temporaryFolder();
  expect(answersOf("London, Paris")).toEqual(["London", "Paris"]);
  expect(answersOf("yes / no")).toEqual(["yes", "no"]);
  for (const wrong of ["London", "a, a", "a, b, c", ", b"]) expect(answersOf(wrong)).toBeUndefined();
  expect(answerIn(" Paris. Age: 3", ["London", "Paris"])).toBe("Paris");
  expect(answerIn(" Parisian", ["London", "Paris"])).toBeUndefined();
  const names = ["Ben", "Eva", "Kim", "Tom"].map((name, i) => ({ name, label: i % 2 === 0 ? "New York" : "Paris" }));
  const concept = { labels: ["New York", "Paris"] as const, prompt: "Name: {}. Location:", names };
  expect(slugOf(concept.labels)).toBe("new-york-paris");
  const file = join(folder, "cities.concept.json");
  writeFileSync(file, conceptText(concept, "cities-names.csv"));
  writeFileSync(join(folder, "cities-names.csv"), namesText(concept));
  const read = await readConcept(file);
  expect(read.targets.map(({ text }) => text)).toEqual([" New York", " Paris"]);
  const dealt = await readExperimentNames(read, 0);
  expect(dealt.recorded.length + dealt.fresh.length).toBe(4);
});

it("the schema of concept files knows the fields that the program knows, and no others", () => {
  const fields = (object: { properties: object }) => Object.keys(object.properties).sort();
  const { names, paraphrases, facts } = schema.properties;
  const said = (value: object, path: string[]) => {
    const result = v.safeParse(conceptFile, value);
    const wrong = result.issues?.filter((issue) => issue.type === "strict_object" && issue.expected === "never") ?? [];
    return wrong.some((issue) => v.getDotPath(issue) === path.join("."));
  };
  const base = JSON.parse(readFileSync(gender, "utf8"));
  // Every field of the schema is taken, another one is not.
  for (const field of fields(schema)) expect(said({ [field]: 1 }, [field]), field).toBe(false);
  for (const field of fields(names))
    expect(said({ ...base, names: { [field]: 1 } }, ["names", field]), field).toBe(false);
  expect(said({ ...base, more: 1 }, ["more"])).toBe(true);
  const shipped = [gender, places].map((file) => JSON.parse(readFileSync(file, "utf8")));
  for (const concept of shipped) {
    expect(fields(schema)).toEqual(expect.arrayContaining(Object.keys(concept)));
    expect(fields(names)).toEqual(expect.arrayContaining(Object.keys(concept.names)));
    for (const one of concept.paraphrases ?? [])
      expect(fields(paraphrases.items)).toEqual(expect.arrayContaining(Object.keys(one)));
    for (const one of concept.facts ?? [])
      expect(fields(facts.items)).toEqual(expect.arrayContaining(Object.keys(one)));
  }
});
