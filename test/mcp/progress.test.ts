/** Progress notifications: they rise through all phases, and tell the total that the engine knows. */
import { expect, it } from "vitest";
import { paced } from "../../src/mcp/server.ts";

it("rises through phases that each begin at 0, with the total so far", () => {
  const sent: { progress: number; total?: number; message: string }[] = [];
  let time = 0;
  const tell = paced(
    (told) => sent.push(told),
    () => time++ * 1000,
  );
  tell({ phase: "read", done: 0, total: 2 });
  tell({ phase: "read", done: 2, total: 2 });
  tell({ phase: "wait", done: 0, total: 0 });
  tell({ phase: "solve", done: 1, total: 4 });
  tell({ phase: "solve", done: 4, total: 4 });
  expect(sent.map(({ message }) => message)).toEqual(["read 0/2", "read 2/2", "wait", "solve 1/4", "solve 4/4"]);
  expect(sent.map(({ total }) => total)).toEqual([2, 2, undefined, 6, 6]);
  const steps = sent.map(({ progress }) => progress);
  for (const [i, progress] of steps.entries()) expect(progress).toBeGreaterThan(steps[i - 1] ?? 0);
  for (const [i, whole] of [0, 2, 2, 3, 6].entries()) expect(steps[i]).toBeCloseTo(whole);
});
