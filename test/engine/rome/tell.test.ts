/** What is told of labels alone is what is asked in full, in whatever order and company. */
import { expect, it } from "vitest";
import { Model } from "../../../src/engine/model/model.ts";
import { ask, type Question } from "../../../src/engine/rome/outcomes.ts";
import { tell } from "../../../src/engine/rome/tell.ts";
import { embeddedPath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

it("of prompts of many lengths, with edits and without, and of forms that begin alike", async () => {
  const model = await Model.open(embeddedPath);
  const { inner, width } = model.size;
  const wave = (length: number, pace: number) => Float32Array.from({ length }, (_, i) => Math.sin(pace * i));
  const edit = { layer: 2, u: wave(inner, 0.7), r: wave(width, 0.3) };
  const questions: Question[] = ["Ben", "Brittany Ann Smith", "Al", "Karen"].flatMap((name) => {
    const prompt = `Name: ${name}. Gender:`;
    return [{ prompt }, { prompt, edits: [edit] }];
  });
  const targets = [
    { label: "m", text: " male person", forms: [" M"] },
    { label: "f", text: " male teacher", forms: [" female"] },
  ];
  const asked = await ask(model, questions, targets, { maxTokens: 0 }, quietRun());
  const told = await tell(model, questions, targets, quietRun());
  expect(told).toHaveLength(questions.length);
  for (const [i, { probability }] of asked.entries())
    for (const label of ["m", "f"]) expect((told[i]?.[label] ?? 0) / probability[label]!).toBeCloseTo(1, 4);
  expect(told[0]?.m).not.toBeCloseTo(told[1]?.m ?? 0, 6);
});
