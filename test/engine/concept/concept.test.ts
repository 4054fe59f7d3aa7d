import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { labelsOf, ownConcept, parseConcept, readConcept } from "../../../src/engine/concept/concept.ts";
import { readExperimentNames } from "../../../src/engine/concept/names.ts";
import { concept as conceptSchema } from "../../../src/protocol/concept.ts";
import { RomeError } from "../../../src/protocol/errors.ts";

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

describe("concept files that ship", () => {
  const examples = readdirSync(join(root, "docs/concepts")).filter((name) => name.endsWith(".json"));
  const files = ["data/gender.json", ...examples.map((name) => `docs/concepts/${name}`)];

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

describe("a concept file is refused", () => {
  it.each([
    ["that is no JSON", '{\n  "name": "x",\n  "vector" "y"\n}', "x.json, line 3: this is not valid JSON"],
    ["that ends too early", '{\n  "name": "x",\n', "x.json, line 2: this is not valid JSON"],
    ["that is a list", [], "x.json is not a concept file"],
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
    [
      "whose targets have a form in common",
      { ...gender, targets: [female, { ...male, forms: [" woman"] }] },
      "the forms of the two targets are not all different",
    ],
    [
      "with a form that begins one of the other target's",
      {
        ...gender,
        targets: [
          { ...female, forms: [" very"] },
          { ...male, forms: [" very good man"] },
        ],
      },
      'the form " very" of one target begins the form " very good man" of the other',
    ],
    [
      "whose form has no space",
      { ...gender, targets: [female, { ...male, forms: ["M"] }] },
      "targets.1.forms.0: starts",
    ],
    ["whose labels are alike", { ...gender, targets: [female, { ...male, label: "female" }] }, "the same label"],
    ["with an empty label", { ...gender, targets: [female, { ...male, label: " " }] }, "targets.1.label: is empty"],
    ["with a number for a name", { ...gender, name: 3 }, "name: a text is needed"],
    ["with an unknown field", { ...gender, promt: "x" }, "promt: is no field of a concept file"],
    ["with an unknown field of names", { ...gender, names: { file: "a", colum: "b" } }, "names.colum: is no field"],
    ["with a share above one", { ...gender, names: { file: "a", holdOut: 30 } }, "names.holdOut: lies between 0 and 1"],
    ["with new names twice", { ...gender, names: { file: "a", newNames: "b", holdOut: 0.5 } }, "exclude each other"],
    ["without any paraphrase", { ...gender, paraphrases: [] }, "paraphrases: holds one at least"],
    [
      "with a paraphrase for one label only",
      { ...gender, paraphrases: [{ template: "{} said", texts: { female: " she" } }] },
      "a text for each of the two labels",
    ],
    ["with a fact about nobody", { ...gender, facts: [{ fact: "place", template: "Location:" }] }, "facts.0.template:"],
    ["with half a neighbour", { ...gender, neighbours: 0.5 }, "neighbours: is a whole number"],
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

it("paths of names files are relative to the concept file", async () => {
  const { names } = await readConcept(join(root, "data/gender.json"));
  expect(names?.file).toBe(join(root, "data/names.csv"));
  expect(names?.newNames).toBe(join(root, "data/names-new.csv"));
  expect(names?.otherLabels).toEqual([]);
});

describe("what an evaluation asks", () => {
  const { name, vector, targets } = gender;
  const texts = { female: [female.text, ...female.forms], male: [male.text, ...male.forms] };

  it("stands in the concept file; a paraphrase without texts has the targets'", () => {
    const { paraphrases, facts, generations, neighbours } = parseConcept(JSON.stringify(gender), "x.json");
    expect(paraphrases[0]).toEqual({ template: "First name: {}. Gender:", texts });
    expect(paraphrases[2]).toEqual({ template: "{} said that", texts: { female: [" she"], male: [" he"] } });
    expect(facts.map(({ fact }) => fact)).toEqual(["location", "occupation", "birth", "pronoun"]);
    expect(generations).toEqual(["{} is", "My friend {}", "When {} was a"]);
    expect(neighbours).toBe(10);
  });

  it("is the prompt behind other words, and usual facts but the edited one, where the file says nothing", () => {
    const concept = parseConcept(JSON.stringify({ name, vector, prompt: "Name: {}. Location:", targets }), "x.json");
    expect(concept.paraphrases).toEqual([
      { template: "It rained on Monday. Name: {}. Location:", texts },
      { template: "The train leaves at six. Name: {}. Location:", texts },
    ]);
    expect(concept.facts).toEqual([{ fact: "occupation", template: "Name: {}. Occupation:" }]);
    expect(concept.generations).toEqual(["{} is"]);
    expect(concept.neighbours).toBe(10);
  });

  it("does not change when a concept is sent as a request", () => {
    const concept = parseConcept(JSON.stringify(gender), "x.json");
    expect(v.parse(conceptSchema, JSON.parse(JSON.stringify(concept)))).toEqual(concept);
  });
});

describe("a prompt of the caller's own", () => {
  it("is the concept itself where it says the same", async () => {
    const concept = await readConcept(join(root, "data/gender.json"));
    expect(ownConcept(concept, {})).toBe(concept);
    expect(ownConcept(concept, { template: "Name: {}. Gender:", targets: structuredClone(concept.targets) })).toBe(
      concept,
    );
  });

  it("is a concept of its own otherwise, asked in its own words", async () => {
    const concept = await readConcept(join(root, "data/gender.json"));
    const own = ownConcept(concept, { template: "{} is" });
    expect(own.name).toBe("own prompt");
    expect(own.names).toEqual(concept.names);
    expect(own.paraphrases.map(({ template }) => template)).toEqual([
      "It rained on Monday. {} is",
      "The train leaves at six. {} is",
    ]);
    const other = ownConcept(concept, { targets: [female, { label: "robot", text: " robot" }] });
    expect(other.names).toBeUndefined();
    expect(other.paraphrases[0]?.texts).toEqual({ female: [female.text, ...female.forms], robot: [" robot"] });
  });

  it("is refused without a place for the name", async () => {
    const concept = await readConcept(join(root, "data/gender.json"));
    expect(() => ownConcept(concept, { template: "Gender:" })).toThrow(/prompt: holds \{\} exactly once/);
    expect(() => ownConcept(concept, { targets: [female, female] })).toThrow(/the same label/);
  });
});
