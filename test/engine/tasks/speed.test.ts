import { expect, it } from "vitest";
import type { Engine } from "../../../src/engine/tasks/engine.ts";
import { speed } from "../../../src/engine/tasks/speed.ts";

const engine = { options: { device: "cpu" } } as Engine;

it("measures what this machine computes and reads, and can be cancelled", async () => {
  const run = { signal: new AbortController().signal, progress() {} };
  const { operationsPerSecond, bytesPerSecond } = await speed(engine, run);
  // Slower than a pocket calculator, or faster than any machine: then it measured something else.
  for (const figure of [operationsPerSecond, bytesPerSecond]) {
    expect(figure).toBeGreaterThan(1e8);
    expect(figure).toBeLessThan(1e15);
  }
  await expect(speed(engine, { ...run, signal: AbortSignal.abort() })).rejects.toMatchObject({ reason: "cancelled" });
}, 60_000);
