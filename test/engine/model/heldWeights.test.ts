import { expect, it, vi } from "vitest";
import { SourceFile } from "../../../src/engine/checkpoint/sourceFile.ts";
import { HeldWeights } from "../../../src/engine/model/heldWeights.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { fixturePath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const checkpoint = fixturePath("checkpoints", "even-fp16");

it("a weight is read once, also where several ask for it at once, and is the same in memory for all", async () => {
  const { checkpoint: stored } = await Model.open(checkpoint);
  const [a, b] = [...stored.weights.values()].filter(({ shape }) => shape.length === 2);
  const read = vi.spyOn(SourceFile.prototype, "read");
  const weights = new HeldWeights();
  const [first, second] = await Promise.all([
    weights.of(new Map([["a", a!]])),
    weights.of(
      new Map([
        ["a", a!],
        ["b", b!],
      ]),
    ),
  ]);
  expect(read).toHaveBeenCalledTimes(2);
  read.mockRestore();
  expect(first.get("a")).toBe(second.get("a"));
  expect(second.get("b")!.dims).toEqual(b!.shape);
});

it("a file that has gone is told of, and what is asked for after it is given all the same", async () => {
  const { checkpoint: stored } = await Model.open(checkpoint);
  const [weight] = [...stored.weights.values()].filter(({ shape }) => shape.length === 2);
  const weights = new HeldWeights();
  await expect(weights.of(new Map([["a", { ...weight!, file: `${weight!.file}.gone` }]]))).rejects.toThrow(
    /gone does not exist/,
  );
  expect((await weights.of(new Map([["b", weight!]]))).get("b")!.dims).toEqual(weight!.shape);
});

it("what reads a text, what reads it on and what solves share the held weights", async () => {
  const model = await Model.open(checkpoint);
  expect(model.options.policy).toBe("hold");
  const read = vi.spyOn(SourceFile.prototype, "read");
  const tokens = [[1, 2, 3]];
  const last = model.size.layers - 1;
  await model.forward({ to: last, logits: true }, { tokens, select: [2] }, quietRun());
  const reads = read.mock.calls.length;
  expect(reads).toBeGreaterThan(0);
  await model.forward({ to: last, logits: true, told: true }, { tokens, select: [2], told: [5] }, quietRun());
  await model.forward({ to: last, inside: "parts" }, { tokens }, quietRun());
  expect(read).toHaveBeenCalledTimes(reads);
  read.mockRestore();
});
