/** Targets are told by their first tokens; those that begin alike by as many as it takes, never called a tie. */
import { expect, it } from "vitest";
import { ownConcept, readConcept } from "../../../src/engine/concept/concept.ts";
import { flip } from "../../../src/engine/edits/flip.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { logProbabilities } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { ask } from "../../../src/engine/rome/outcomes.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const prompt = "Name: Ben. Gender:";
const targetsOf = (...texts: string[]) => texts.map((text) => ({ label: text, text }));

it("two targets with one first token are told by the tokens that follow", async () => {
  const model = await Model.open(embeddedPath);
  const asking = async (...texts: string[]) =>
    (await ask(model, [{ prompt }], targetsOf(...texts), { maxTokens: 0 }, quietRun()))[0]!.probability;
  // The probability of tokens one after the other, each read with those before it.
  const chained = async (text: string) => {
    const ids = [...model.tokenizer.continuation(text)];
    let sum = 0;
    for (const [i, id] of ids.entries()) {
      const row = [...model.tokenizer.encode(prompt), ...ids.slice(0, i)];
      const { firstLogits } = await generate(model, [row], { maxTokens: 0 }, quietRun());
      sum += logProbabilities(firstLogits[0]!)[id] as number;
    }
    return Math.exp(sum);
  };
  const told = await asking(" male person", " male teacher", " female");
  expect(told[" male person"]).toBeCloseTo(await chained(" male person"), 8);
  expect(told[" male teacher"]).toBeCloseTo(await chained(" male teacher"), 8);
  expect(told[" male person"]).not.toBe(told[" male teacher"]);
  expect(told[" female"]).toBe((await asking(" male", " female"))[" female"]);
  await expect(asking(" male", " male")).rejects.toThrow("are the same tokens to this model");
});

it("an edit between such targets is proven by the same probabilities", async () => {
  const rome = await Rome.open(embeddedPath, { storage: await temporaryFolder() });
  const gender = await readConcept("data/gender.json");
  const [person, teacher] = [" male person", " male teacher"].map((text) => ({ label: text.trim(), text }));
  const concept = ownConcept(gender, { targets: [person!, teacher!] });
  const [result] = await flip(rome, ["Ben"], concept, { contexts: "none", maxTokens: 0 }, quietRun());
  const { before, after, to, from, proof } = result!.view;
  expect(before.probability[from]).toBeGreaterThan(before.probability[to]!);
  expect(after.probability[to]).toBeGreaterThan(before.probability[to]!);
  expect(proof).toMatchObject({ untouched: true });
});

it("a label's probability is the sum over its forms, and what two of them have in common counts once", async () => {
  const model = await Model.open(embeddedPath);
  const asking = async (targets: { label: string; text: string; forms?: string[] }[]) =>
    (await ask(model, [{ prompt }], targets, { maxTokens: 0 }, quietRun()))[0]!.probability;
  const alone = async (text: string) => (await asking([{ label: "it", text }])).it!;
  const [male, boy, m] = [await alone(" male"), await alone(" boy"), await alone(" M")];
  const several = await asking([{ label: "male", text: " boy", forms: [" male", " M", " Man", " MALE"] }]);
  // " Man" and " MALE" begin with the token " M".
  expect(several.male).toBeCloseTo(male + boy + m, 9);
  expect(several.male).toBeGreaterThan(male);
  const torn = await asking([
    { label: "male", text: " male", forms: [" M"] },
    { label: "more", text: " male person", forms: [" Man"] },
  ]);
  expect(torn.male! + torn.more!).toBeCloseTo(male + m, 9);
  expect(torn.more).toBeGreaterThan(0);
  const clash = [
    { label: "a", text: " x", forms: [" male"] },
    { label: "b", text: " male" },
  ];
  await expect(asking(clash)).rejects.toThrow('" male" and " male" are the same tokens');
});
