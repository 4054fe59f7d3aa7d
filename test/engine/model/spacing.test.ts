import { expect, it } from "vitest";
import { attribute } from "../../../src/engine/attribute/attribute.ts";
import { look } from "../../../src/engine/lens/lens.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { embeddedPath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

it("a word without its leading space is noted where the one with it is likelier", async () => {
  const model = await Model.open(embeddedPath);
  const prompt = "Name: Ben. Gender:";
  const notes = async (word: string) => (await look(model, "m", { prompt, word }, quietRun())).warnings.join();
  expect(await notes("male")).toMatch(/" male" is likelier here than "male": did you mean it/);
  expect(await notes(" male")).toBe("");
  expect(await notes(".")).not.toMatch(/did you mean/);
  const targets = ["female", " male"] as const;
  const { warnings } = await attribute(model, "m", { prompt, targets, pattern: undefined }, quietRun());
  expect(warnings.filter((note) => note.includes("did you mean"))).toEqual([
    expect.stringMatching(/^" female" is likelier here than "female"/),
  ]);
});
