/** The names file of a workspace, its fields, and what is on record of a name. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import type { Memento } from "vscode";
import { labelMeant } from "../../src/engine/concept/spelling.ts";
import { Reports } from "../../src/extension/experiment/reports.ts";
import { KnownNames } from "../../src/extension/language/knownNames.ts";
import { fieldOf, lineOf, namesIn, namesOfTable, wordPattern } from "../../src/extension/language/names.ts";
import { NamesFile } from "../../src/extension/language/namesFile.ts";
import type { LiveEdit } from "../../src/extension/results/editStore.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import { storedReport } from "../../src/protocol/storedReport.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { flipResult } from "../support/flipResult.ts";
import { memento } from "../support/memento.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const shipped = join(import.meta.dirname, "../../data/names.csv");
const shippedExperiment = join(import.meta.dirname, "../../models/embedded/experiment");
// One report stands for both here.
const folders = { embedded: shippedExperiment, pretrained: shippedExperiment };

it("a names file belongs to its workspace: another workspace and the setting keep theirs", async () => {
  const folder = await temporaryFolder();
  const [own, set] = [join(folder, "own.csv"), join(folder, "set.csv")];
  writeFileSync(own, "name,gender\nBen,male\n");
  writeFileSync(set, "name,gender\nAnna,female\nEva,female\n");
  const workspace = memento();
  const open = async (kept: Memento, concept: () => string | undefined = () => undefined, setting = set) => {
    const file = new NamesFile(
      () => shipped,
      kept,
      () => setting,
      concept,
      log,
    );
    await file.load();
    return file;
  };
  const first = await open(workspace);
  expect([...first.names]).toEqual(["Anna", "Eva"]);
  await first.choose(own);
  expect([...first.names]).toEqual(["Ben"]);
  expect((await open(memento())).path).toBe(set);
  expect((await open(workspace)).path).toBe(own);
  expect((await open(workspace, () => "/cities.concept.json")).ownPath).toBeUndefined();
  await first.choose(undefined);
  expect(first.ownPath).toBeUndefined();
  expect(first.names).toEqual(first.shippedNames);
  expect(first.shippedNames.size).toBe(1000);
});

it("hovers know the user's recording and, for all other names, the shipped one", async () => {
  const folder = await temporaryFolder();
  const report = v.parse(storedReport, JSON.parse(readFileSync(join(shippedExperiment, "report.json"), "utf8")));
  const ben = report.points.find(({ name }) => name === "Ben");
  const own = { ...report, points: [{ ...ben, score: 12.5 }], recorded: { ...report.recorded, unexpected: [] } };
  writeFileSync(join(folder, "report.json"), JSON.stringify(own));
  const kept = memento();
  let concept: string | undefined;
  const reports = new Reports(folders, kept, () => concept, log);
  await reports.setRecorded("embedded", folder, undefined);
  const namesFile = new NamesFile(
    () => shipped,
    memento(),
    () => "",
    () => undefined,
    log,
  );
  const on: LiveEdit[] = [];
  const store = new ResultStore(folder, log, () => false);
  const names = new KnownNames(reports, namesFile, store, { on }, () => ["female", "male"]);
  await reports.load("embedded");
  expect(reports.source).toBe("recorded");
  await reports.loadPretrained();
  expect(reports.pretrained).toEqual({
    model: "embedded",
    flipped: { count: 1000, total: 1000 },
    testAccuracy: 1,
    turned: [expect.objectContaining({ count: 100, total: 100 }), expect.objectContaining({ count: 100, total: 100 })],
  });
  // It says nothing of another concept.
  concept = "/cities.concept.json";
  expect(reports.pretrained).toBeNull();
  concept = undefined;
  expect(names.find("Ben")).toMatchObject({ point: { score: 12.5 }, report: { points: [{ name: "Ben" }] } });
  const brittany = names.find("Brittany");
  expect(brittany?.point?.name).toBe("Brittany");
  expect(brittany?.report?.points.length).toBe(report.points.length);
  expect(names.find("Nobody Known")).toBeUndefined();
  // What a flip of this workspace found, be it neither of the two answers.
  const before = { completion: " Sydney. Age: 34.", probability: { female: 0.01, male: 0.02 } };
  store.restore({
    ...{ id: "1", created: 1, kind: "flip", name: "Zebulon", model: null, options: {}, nearest: null },
    body: { state: "done", result: flipResult("Zebulon", { before }) },
  });
  expect(names.find("Zebulon")?.says).toEqual({ label: "Sydney", probability: undefined });

  // An edit that is on is told of, be it the name's own or a vector at its last token.
  expect(brittany?.on).toEqual([]);
  const edit = {
    from: "female",
    to: "male",
    said: "female",
    says: "male",
    layer: 2,
    on: true,
    fits: true,
    model: "embedded",
  };
  const written = { layer: 2, u: "", r: "" };
  on.push({ ...edit, id: "1", name: "Brittany", edit: written });
  on.push({ ...edit, id: "2", name: "gender", edit: { ...written, at: { name: "Nobody Known" } } });
  expect(names.find("Brittany")?.on.map(({ id, says }) => [id, says])).toEqual([["1", "male"]]);
  expect(names.find("Nobody Known")?.on.map(({ id }) => id)).toEqual(["2"]);
  expect(names.find("Ben")?.on).toEqual([]);
});

it("of two readings that overlap the newer one counts, and what is kept wrongly is nothing", async () => {
  const kept = memento();
  await kept.update("experiment:embedded", 3);
  await kept.update("namesFile", { path: "/names.csv" });
  let concept: string | undefined;
  const reports = new Reports(folders, kept, () => concept, log);
  expect(reports.recordedFolder("embedded")).toBeUndefined();
  const older = reports.load("embedded");
  concept = "/cities.concept.json";
  await Promise.all([older, reports.load("embedded")]);
  expect([reports.report, reports.source]).toEqual([null, null]);
  let own = shipped;
  const file = new NamesFile(
    () => own,
    kept,
    () => "",
    () => undefined,
    log,
  );
  expect(file.ownPath).toBeUndefined();
  const slow = file.load();
  own = "/nowhere.csv";
  await Promise.all([slow, file.load()]);
  expect(file.names.size).toBe(0);
});

it("a field is found by its whole text", () => {
  expect(fieldOf('m,"m"', "m")).toEqual([3, 4]);
  expect(fieldOf("Tom, m ,x", "m")).toEqual([5, 6]);
  expect(fieldOf("Tom,male", "m")).toBeUndefined();
});

it("a spelling means a label only where one label is meant", () => {
  const cities = ["London", "Paris"];
  expect(labelMeant("LONDON", cities)).toBe("London");
  expect(labelMeant("par", cities)).toBe("Paris");
  expect(labelMeant("woman", ["female", "male"])).toBe("female");
  expect(labelMeant("T", ["teacher", "trainer"])).toBeUndefined();
  expect(labelMeant("", cities)).toBeUndefined();
});

it.each([
  ["name,gender\nBen,male\nAnna,female\n", ["Ben", "Anna"]],
  ["Name;Geschlecht\r\nBen;m", ["Ben"]],
  ["id,first_name,last\n1,Ben,Shaw\n2,Anna,Low", ["Ben", "Anna"]],
  ['"Vorname"\n"Ben"\nZebulon', ["Ben", "Zebulon"]],
  ["gender\tgiven name\nmale\tBen", ["Ben"]],
  // A heading of another word is told from the names by its writing; without a heading the first line is a name.
  ["employee,since\nBen,2001\nAnna,2004", ["Ben", "Anna"]],
  ["Zebulon,male\nBen,male", ["Zebulon", "Ben"]],
  ["ben\nanna", ["ben", "anna"]],
  ["Vorname", []],
])("the words of a table's header are no names: %j", (text, names) => {
  expect(namesOfTable(text)).toEqual(names);
  expect(namesIn(text, (name) => ["Ben", "Anna"].includes(name)).listed).not.toContain("Vorname");
  if (names[0] !== undefined) expect(text.split("\n")[lineOf(names[0], text)!]).toContain(names[0]);
});

it("a headed table in any text gives its column of names", () => {
  const listed = (text: string) => namesIn(text, () => false).listed;
  expect(listed("Firstname,Gender\nBen,Male\nAnna,Female")).toEqual(["Ben", "Anna"]);
  expect(listed("Age,Name\n34,Ben\n")).toEqual(["Ben"]);
  expect(listed("Name\nBen\nMary Ann")).toEqual(["Ben", "Mary Ann"]);
  expect(listed("Name, Ben, Anna")).toEqual(["Ben", "Anna"]);
  expect(listed("Ben, Anna\nTom, Eva")).toEqual(["Ben", "Anna", "Tom", "Eva"]);
});

it("a selected list is taken as names; of code and prose the known names are", () => {
  const isKnown = (name: string) => ["Ben", "Brittany", "Anna"].includes(name);
  expect(namesIn("Ben, Zebulon; Mary Ann Smith", isKnown).listed).toEqual(["Ben", "Zebulon", "Mary Ann Smith"]);
  expect(namesIn("Zoë", isKnown).listed).toEqual(["Zoë"]);
  expect(namesIn("Ben went to the market. Brittany met Ben.", isKnown)).toEqual({
    listed: [],
    found: ["Ben", "Brittany"],
    isHeaded: false,
  });
  expect(namesIn('const names = ["Anna", "Ben"];', isKnown)).toEqual({
    listed: [],
    found: ["Anna", "Ben"],
    isHeaded: false,
  });
  expect(namesIn("def", isKnown)).toEqual({ listed: [], found: [], isHeaded: false });
  expect(namesIn("return user", isKnown)).toEqual({ listed: [], found: [], isHeaded: false });
  expect(namesIn("Ben's mother met Anna’s", isKnown)).toEqual({ listed: [], found: ["Ben", "Anna"], isHeaded: false });
  const words = ["Ben's", "O'Shea", "D'Angelo's", "Anne-Sophie", "Ben'son"].map((text) => wordPattern.exec(text)?.[0]);
  expect(words).toEqual(["Ben", "O'Shea", "D'Angelo", "Anne-Sophie", "Ben'son"]);
});
