import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { labelsOf, parseConcept, readConcept } from "../../../src/engine/concept/concept.ts";
import { readExperimentNames } from "../../../src/engine/concept/names.ts";
import { RomeError } from "../../../src/engine/run/errors.ts";

const root = join(import.meta.dirname, "../../..");
const gender = JSON.parse(readFileSync(join(root, "data/gender.json"), "utf8"));
const [female, male] = gender.targets;

function messageOf(value: unknown): string {
  try {
    parseConcept(typeof value === "string" ? value : JSON.stringify(value), "x.json");
  } catch (error) {
    if (RomeError.is(error, "input")) return error.message;
    throw error;
  }
  return "no error";
}

describe("experiment files that ship", () => {
  const examples = readdirSync(join(root, "docs/experiments")).filter((name) => name.endsWith(".json"));
  const files = ["data/gender.json", ...examples.map((name) => `docs/experiments/${name}`)];

  it("are gender and two more", () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
  });

  it.each(files)("%s is right, and so are its names files", async (file) => {
    const concept = await readConcept(join(root, file));
    const { recorded, fresh, others } = await readExperimentNames(concept, 0);
    for (const label of labelsOf(concept)) {
      expect(recorded.filter((row) => row.label === label).length).toBeGreaterThan(40);
      expect(fresh.filter((row) => row.label === label).length).toBeGreaterThan(20);
    }
    expect(others.length > 0).toBe((concept.names?.otherLabels.length ?? 0) > 0);
  });
});

describe("an experiment file is refused", () => {
  it.each([
    ["that is no JSON", '{\n  "name": "x",\n  "vector" "y"\n}', "x.json, line 3: this is not valid JSON"],
    ["that ends too early", '{\n  "name": "x",\n', "x.json, line 2: this is not valid JSON"],
    ["that is a list", [], "x.json is not an experiment file"],
    ["without a prompt", { ...gender, prompt: undefined }, "prompt: is missing"],
    ["without a place for the name", { ...gender, prompt: "Name: X. Gender:" }, "prompt: holds {} exactly once"],
    ["with two places", { ...gender, prompt: "{} {}:" }, "prompt: holds {} exactly once"],
    ["whose prompt ends with a space", { ...gender, prompt: "{}: " }, "prompt: ends without a space"],
    ["with one target", { ...gender, targets: [female] }, "targets.1: is missing"],
    ["with three targets", { ...gender, targets: [female, male, male] }, "targets.2: two targets are needed"],
    [
      "whose target has no space",
      { ...gender, targets: [female, { ...male, text: "male" }] },
      "targets.1.text: starts with exactly one space",
    ],
    ["whose targets are alike", { ...gender, targets: [female, { ...male, text: " female" }] }, "the same text"],
    ["whose labels are alike", { ...gender, targets: [female, { ...male, label: "female" }] }, "the same label"],
    ["with an empty label", { ...gender, targets: [female, { ...male, label: " " }] }, "targets.1.label: is empty"],
    ["with a number for a name", { ...gender, name: 3 }, "name: a text is needed"],
    ["with an unknown field", { ...gender, promt: "x" }, "promt: is no field of an experiment file"],
    ["with an unknown field of names", { ...gender, names: { file: "a", colum: "b" } }, "names.colum: is no field"],
    ["with a share above one", { ...gender, names: { file: "a", holdOut: 30 } }, "names.holdOut: lies between 0 and 1"],
    ["with new names twice", { ...gender, names: { file: "a", newNames: "b", holdOut: 0.5 } }, "exclude each other"],
    ["with a target among the others", { ...gender, names: { file: "a", otherLabels: ["male"] } }, "repeats the label"],
  ])("%s", (_, value, message) => {
    expect(messageOf(value)).toContain(message);
  });

  it("with every wrong field named", () => {
    const message = messageOf({ ...gender, name: "", prompt: "x", vector: 1 });
    for (const field of ["name:", "prompt:", "vector:"]) expect(message).toContain(field);
  });

  it("that is not there", async () => {
    await expect(readConcept(join(root, "no-such.json"))).rejects.toThrow(/no-such.json cannot be read \(ENOENT\)/);
  });
});

it("paths of names files are relative to the experiment file", async () => {
  const { names } = await readConcept(join(root, "data/gender.json"));
  expect(names?.file).toBe(join(root, "data/names.csv"));
  expect(names?.newNames).toBe(join(root, "data/names-new.csv"));
  expect(names?.otherLabels).toEqual([]);
});
