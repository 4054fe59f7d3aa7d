/** A classifier scores edits of the concept that it has learned of, and no others. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { flip } from "../../../src/engine/tasks/flip.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

it("an edit between other answers, or of another question, has no score", async () => {
  const assetsFolder = join(import.meta.dirname, "../../..");
  const engine = await Engine.create({
    model: "embedded",
    assetsFolder,
    storageFolder: await temporaryFolder(),
  });
  const request = { names: ["Ben"], contexts: "none" as const, maxTokens: 1, hyperParameters: { v_num_grad_steps: 1 } };
  const scored = async (change: Partial<Engine["concept"]>) => {
    const [result] = await flip(engine, { ...request, concept: { ...engine.concept, ...change } }, quietRun());
    return [result?.view.score, result?.view.projection].map((figure) => typeof figure === "number");
  };
  expect(await scored({})).toEqual([true, true]);
  const targets: Engine["concept"]["targets"] = [
    { label: "teacher", text: " teacher" },
    { label: "baker", text: " baker" },
  ];
  expect(await scored({ targets })).toEqual([false, false]);
  expect(await scored({ prompt: "Name: {}. Sex:" })).toEqual([false, false]);
});
