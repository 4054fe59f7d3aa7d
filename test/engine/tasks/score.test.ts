/** A classifier scores edits of the concept and the layer that it has learned of, and no others. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { flip } from "../../../src/engine/tasks/flip.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

it("an edit between other answers, of another question, or at another layer has no score", async () => {
  const assetsFolder = join(import.meta.dirname, "../../..");
  const engine = await Engine.create({
    model: "embedded",
    assetsFolder,
    storageFolder: await temporaryFolder(),
  });
  const request = { names: ["Ben"], contexts: "none" as const, maxTokens: 1, hyperParameters: { v_num_grad_steps: 1 } };
  const scored = async (change: Partial<Engine["concept"]>, layer?: number) => {
    const concept = { ...engine.concept, ...change };
    const [result] = await flip(engine, { ...request, concept, ...(layer !== undefined && { layer }) }, quietRun());
    return [result?.view.score, result?.view.projection].map((figure) => typeof figure === "number");
  };
  expect(await scored({})).toEqual([true, true]);
  const targets: Engine["concept"]["targets"] = [
    { label: "teacher", text: " teacher" },
    { label: "baker", text: " baker" },
  ];
  expect(await scored({ targets })).toEqual([false, false]);
  expect(await scored({ prompt: "Name: {}. Sex:" })).toEqual([false, false]);
  const { layer } = (await engine.recorded()).manifest;
  expect(await scored({}, layer)).toEqual([true, true]);
  expect(await scored({}, layer + 1)).toEqual([false, false]);
});
