import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConcept, readConcept } from "../../../src/engine/concept/concept.ts";
import { maxNames, parseNames, readExperimentNames } from "../../../src/engine/concept/names.ts";
import { RomeError } from "../../../src/protocol/errors.ts";

const format = { column: "gender", labels: ["female", "male"] };
const parse = (text: string) => parseNames(text, format, "names.csv");

async function messageOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (RomeError.is(error, "input")) return error.message;
    throw error;
  }
  return "no error";
}

describe("a names file is read", () => {
  it.each([
    ["plain", "name,gender\nAnn,female\nBen,male\n"],
    ["without a last line feed", "name,gender\nAnn,female\nBen,male"],
    ["with CRLF", "name,gender\r\nAnn,female\r\nBen,male\r\n"],
    ["with a byte order mark", "\uFEFFname,gender\nAnn,female\nBen,male\n"],
    ["with quoted fields", '"name","gender"\n"Ann","female"\nBen,"male"\n'],
    ["with spaces around fields", " name , gender\n Ann, female \nBen,male\n"],
    ["with blank lines", "name,gender\n\nAnn,female\n\nBen,male\n\n\n"],
    ["with other columns, in another order", "year,gender,name\n1990,female,Ann\n1980,male,Ben\n"],
  ])("%s", (_, text) => {
    expect(parse(text).map(({ name, label }) => [name, label])).toEqual([
      ["Ann", "female"],
      ["Ben", "male"],
    ]);
  });

  it("in any script, as it is written", () => {
    const names = [
      "Zoë",
      "Zoë Ann",
      "李小龙",
      "محمد",
      "Ólafur",
      "Nguyễn",
      "O'Brien",
      "👩🏽‍🚀",
      "Jean-Luc",
      '"Bo", Jr.',
      "constructor",
    ];
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}",female`);
    expect(parse(`name,gender\n${quoted.join("\n")}`).map(({ name }) => name)).toEqual(names);
  });

  it("with the line each row starts on", () => {
    const rows = parse('name,note,gender\nAnn,"two\r\nlines",female\n\nBen,,male\n');
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
  });

  it("up to its limit", () => {
    const lines = Array.from({ length: maxNames }, (_, i) => `N${i},male`);
    expect(parse(`name,gender\n${lines.join("\n")}`)).toHaveLength(maxNames);
    expect(() => parse(`name,gender\n${lines.join("\n")}\nOne,male`)).toThrow(/100001 names, more than 100000/);
  });
});

describe("a names file is refused", () => {
  it.each([
    ["empty", "", "names.csv, line 1: the file is empty, but the first line must be the header name,gender."],
    [
      "without a header",
      "Ann,female\n",
      'names.csv, line 1: this is "Ann,female", but the first line must be the header name,gender.',
    ],
    [
      "with another header",
      "name,label\nAnn,female\n",
      'names.csv, line 1: this is "name,label", but the first line must be',
    ],
    ["with a header only", "name,gender\n", "names.csv, line 1: there is a header but no names."],
    ["with an empty name", "name,gender\n,male\n", "names.csv, line 2: the name is empty."],
    [
      "with an empty label",
      "name,gender\nAnn\n",
      'names.csv, line 2: the gender is empty; "female" or "male" is needed.',
    ],
    [
      "with an unknown label",
      "name,gender\nAnn,Female\n",
      'line 2: the gender is "Female"; "female" or "male" is needed.',
    ],
    ["with a name twice", "name,gender\nAnn,female\nBen,male\nAnn,female\n", 'line 4: "Ann" is already on line 2.'],
    ["with a name in two Unicode forms", "name,gender\nZo\u00eb,female\nZoe\u0308,female\n", "is already on line 2."],
    ["with a line break in a name", 'name,gender\n"An\nn",female\n', '"An\\nn" holds a control character'],
    ["with an open quote", 'name,gender\nAnn,female\n"Ben,male\nJoe,male\n', "names.csv, line 4: a quote"],
    ["with a stray quote", 'name,gender\nAnn,female\n"B"en,male\nJoe,male\n', "names.csv, line 3: a quote"],
    ["with a quote inside a field", 'name,gender\nJo"e,male\n', "names.csv, line 2: a quote"],
  ])("%s", async (_, text, message) => {
    expect(await messageOf(() => parse(text))).toContain(message);
  });

  it("with every problem and its line in one error", async () => {
    const message = await messageOf(() => parse("name,gender\nAnn,female\n,x\n\nAnn,male\nJoe,\n"));
    expect(message.split("\n")).toEqual([
      "names.csv has 4 problems:",
      "  line 3: the name is empty",
      '  line 3: the gender is "x"; "female" or "male" is needed',
      '  line 5: "Ann" is already on line 2',
      '  line 6: the gender is empty; "female" or "male" is needed',
    ]);
  });

  it("with a message of bounded length", async () => {
    const message = await messageOf(() => parse(`name,gender\n${"Ann,x\n".repeat(50_000)}`));
    expect(message).toContain("99999 problems");
    expect(message.split("\n")).toHaveLength(102);
    expect(message).toContain("and 99899 more");
  });
});

describe("names of an experiment", () => {
  const folder = mkdtempSync(join(tmpdir(), "rome-names-"));
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const targets = [
    { label: "London", text: " London" },
    { label: "Paris", text: " Paris" },
  ];
  const conceptWith = (names: object) =>
    readConcept(
      write("place.json", JSON.stringify({ name: "place", vector: "place", prompt: "{} in", targets, names })),
    );
  const cities = ["London", "Paris", "Rome"];
  const rows = Array.from({ length: 60 }, (_, i) => `N${i},${cities[i % 3]}`);
  write("all.csv", `name,city\n${rows.join("\n")}`);
  write("new.csv", "name,city\nN0,London\nAnn,London\nBen,Paris\nCid,Rome\n");
  const named = (list: readonly { name: string }[]) => list.map(({ name }) => name);

  it("are all recorded where none are kept back; other labels are kept apart", async () => {
    const concept = await conceptWith({ file: "all.csv", column: "city", otherLabels: ["Rome"] });
    const { recorded, fresh, others } = await readExperimentNames(concept, 0);
    expect([recorded.length, fresh.length, others.length]).toEqual([40, 0, 20]);
    expect(new Set(recorded.map(({ label }) => label))).toEqual(new Set(["London", "Paris"]));
  });

  it("are held out by share: disjoint, stratified, by seed", async () => {
    const concept = await conceptWith({ file: "all.csv", column: "city", holdOut: 0.3, otherLabels: ["Rome"] });
    const { recorded, fresh } = await readExperimentNames(concept, 0);
    expect([recorded.length, fresh.length]).toEqual([28, 12]);
    expect(fresh.filter(({ label }) => label === "Paris")).toHaveLength(6);
    expect(new Set([...named(recorded), ...named(fresh)]).size).toBe(40);
    expect(named((await readExperimentNames(concept, 0)).fresh)).toEqual(named(fresh));
    expect(named((await readExperimentNames(concept, 1)).fresh)).not.toEqual(named(fresh));
  });

  it("come from a second file, less those that are recorded", async () => {
    const concept = await conceptWith({ file: "all.csv", column: "city", newNames: "new.csv", otherLabels: ["Rome"] });
    const { recorded, fresh, others } = await readExperimentNames(concept, 0);
    expect([recorded.length, named(fresh), others.length]).toEqual([40, ["Ann", "Ben"], 21]);
    const instead = await readExperimentNames(concept, 0, { file: join(folder, "new.csv") });
    expect([named(instead.recorded), named(instead.fresh)]).toEqual([["N0", "Ann", "Ben"], []]);
  });

  it("with a label that nobody announced are refused", async () => {
    const concept = await conceptWith({ file: "all.csv", column: "city" });
    expect(await messageOf(() => readExperimentNames(concept, 0))).toContain('line 4: the city is "Rome"');
  });

  it("need a file, one that can be read, in UTF-8", async () => {
    const gender = parseConcept(JSON.stringify({ name: "x", vector: "x", prompt: "{}", targets }), "x");
    expect(await messageOf(() => readExperimentNames(gender, 0))).toContain(
      `says no names file. Name one there ("names": {"file": …})`,
    );
    expect(await messageOf(() => readExperimentNames(gender, 0, { file: join(folder, "no.csv") }))).toContain(
      "cannot be read (ENOENT)",
    );
    const utf16 = write("utf16.csv", Buffer.from("\uFEFFname,label\nAnn,London\n", "utf16le"));
    expect(await messageOf(() => readExperimentNames(gender, 0, { file: utf16 }))).toContain(
      "UTF-16. Save it as UTF-8",
    );
    const latin1 = write("latin1.csv", Buffer.from("name,label\nAnn,Paris\nZo\u00eb,Paris\n", "latin1"));
    expect(await messageOf(() => readExperimentNames(gender, 0, { file: latin1 }))).toContain("line 3");
  });
});
