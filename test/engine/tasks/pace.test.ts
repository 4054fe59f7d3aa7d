/** How far a request is on a model whose layers are read at each use, and how long it may take. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ask } from "../../../src/engine/rome/outcomes.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { Pace, planEdits } from "../../../src/engine/tasks/pace.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { fixturePath } from "../../support/fixtures.ts";

const request = { template: "Name: {}. Gender:", subject: "Ben", target: " female" };

describe("pace", () => {
  it("judges what is left of each kind of pass by that kind's own parts, an unseen kind by the slowest", () => {
    const seen: Progress[] = [];
    let clock = 0;
    const pace = new Pace(
      { read: 2, solve: 4 },
      (progress) => seen.push(progress),
      () => clock,
    );
    for (const done of [1, 2]) {
      clock += 3;
      pace.part({ kind: "read", done, total: 2 });
    }
    // Another pass of two parts, and four of the unseen kind: at three seconds a part.
    expect(seen.at(-1)).toMatchObject({ phase: "read", done: 1, total: 2, detail: { layer: 2, layers: 2 } });
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(3 * 2 * (1 + 4));
    for (const done of [1, 2, 3]) {
      clock += 1;
      pace.part({ kind: "solve", done, total: 3 });
    }
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(3 * 2 + 1 * 3 * 3);
    pace.step(1, 7);
    expect(seen.at(-1)).toMatchObject({ phase: "solve", done: 1, total: 4, detail: { step: 1, loss: 7 } });
  });

  it("forgets the steps that an early convergence left over, once something else is run", () => {
    const seen: Progress[] = [];
    let clock = 0;
    const pace = new Pace(
      { read: 1, solve: 100 },
      (progress) => seen.push(progress),
      () => clock,
    );
    clock += 5;
    pace.part({ kind: "solve", done: 1, total: 1 });
    pace.step(1, 0.01);
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(5 * 99 + 5);
    clock += 2;
    pace.part({ kind: "read", done: 1, total: 2 });
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(2);
  });

  it("counts on through batches, from where the next one begins if one converged early", () => {
    const steps: number[] = [];
    const pace = new Pace({ solve: 40, batches: 2 }, ({ done }) => steps.push(done));
    for (const step of [1, 2, 1, 2]) pace.step(step, 0);
    expect(steps).toEqual([1, 2, 21, 22]);
  });

  it("foresees every pass of an edit and its completion", async () => {
    const storage = await mkdtemp(join(tmpdir(), "rome-pace-"));
    const folder = fixturePath("checkpoints", "even-fp16");
    const rome = await Rome.open(folder, { storage, policy: "stream", tileElements: 2000 });
    const options = { contexts: ["{}", "The weather. {}"], covariance: "none", maxTokens: 3 } as const;
    const seen: Progress[] = [];
    const progress = (now: Progress) => seen.push(now);
    const settings = { ...options, hyperParameters: { v_num_grad_steps: 3 } };
    const plan = await planEdits(rome, 1, settings, { progress }, { completions: 1 });
    expect(plan).toEqual({ read: 7, solve: 3, generate: 2, batches: 1 });
    await Pace.run(plan, { progress }, async (pace) => {
      await rome.edit([request], { ...settings, onStep: (step, loss) => pace.step(step, loss) });
      await ask(rome.model, [{ prompt: "Name: Ben. Gender:" }], [], { maxTokens: options.maxTokens });
    });
    const of = (kind: string) => seen.filter(({ phase, detail }) => phase === kind && detail?.layer !== undefined);
    expect(of("solve").length).toBe(3 * (of("solve")[0]?.detail?.layers ?? 0));
    expect(of("solve").at(-1)).toMatchObject({ done: 3, total: 3 });
    expect(of("generate").at(-1)).toMatchObject({ done: 2, total: 2 });
    expect(of("read").at(-1)?.done).toBeLessThanOrEqual(plan.read ?? 0);
    for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total);
    await rm(storage, { recursive: true });
  });
});
