/** One δ for many names: no vector that it began from has a smaller objective, and its gradient is the objective's. */
import { beforeAll, expect, it } from "vitest";
import { CommonObjective, type Signed } from "../../../src/engine/rome/common.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const run = quietRun();
const template = "Name: {}. Gender:";
const requests = ["Ben", "Brittany", "Emma"].flatMap((subject): Signed[] => [
  { subject, template, target: " male", sign: 1 },
  { subject, template, target: " female", sign: -1 },
]);

let objective: CommonObjective;
let width: number;
beforeAll(async () => {
  const rome = await Rome.open(embeddedPath, { storage: await temporaryFolder() });
  width = rome.model.size.width;
  objective = await CommonObjective.of(rome, requests, { contexts: "none", covariance: "none" }, run);
});

const alternating = (size: number) => Float64Array.from({ length: width }, (_, i) => (i % 2 === 0 ? size : -size));

it.each([true, false])("ends below the best that it began from, box: %s", async (box) => {
  const from = [alternating(0.1), alternating(0.5)];
  const { delta, loss, begun } = await objective.minimise({ box, steps: 12, from }, run);
  for (const one of from) expect(loss).toBeLessThan((await objective.evaluate(one, run)).loss);
  expect(loss).toBeLessThan(begun);
  expect((await objective.evaluate(Float64Array.from(delta), run)).loss).toBeCloseTo(loss, 5);
  if (box) expect(Math.max(...delta.map(Math.abs))).toBeLessThanOrEqual(1);
  // Not the first step of Adam, which moves every component alike.
  expect(new Set(delta.map((x) => Math.round(1000 * Math.abs(x)))).size).toBeGreaterThan(10);
});

it("has the gradient of its loss, by finite differences", async () => {
  const at = alternating(0.05);
  const { gradient } = await objective.evaluate(at, run);
  const direction = gradient.map((x) => x / Math.hypot(...gradient));
  const along = async (step: number) =>
    (
      await objective.evaluate(
        at.map((x, i) => x + step * (direction[i] as number)),
        run,
      )
    ).loss;
  const slope = ((await along(0.05)) - (await along(-0.05))) / 0.1;
  expect(slope / Math.hypot(...gradient)).toBeCloseTo(1, 1);
});
