/** How far a request is on a model whose layers are read at each use, and how long it may take. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ask } from "../../../src/engine/rome/outcomes.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { paced, planEdits } from "../../../src/engine/tasks/pace.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { fixturePath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

/** A layer of a pass, and an evaluation, as a run tells of them. */
const layer = (phase: string, layer: number, layers: number) => ({
  phase,
  done: 0,
  total: 0,
  detail: { layer, layers },
});
const evaluation = (step: number, loss: number, done = step) => ({
  phase: "solve",
  done,
  total: 0,
  detail: { step, loss },
});

const request = { template: "Name: {}. Gender:", subject: "Ben", target: " female" };

describe("pace", () => {
  it("judges what is left of each kind of pass by that kind's own parts, an unseen kind by the slowest", () => {
    const seen: Progress[] = [];
    let clock = 0;
    const watching = quietRun({ progress: (progress) => void seen.push(progress) });
    const run = paced({ read: 2, solve: 4 }, watching, () => clock);
    for (const done of [1, 2]) {
      clock += 3;
      run.progress(layer("read", done, 2));
    }
    // Another pass of two parts, and four of the unseen kind: at three seconds a part.
    expect(seen.at(-1)).toMatchObject({ phase: "read", done: 1, total: 2, detail: { layer: 2, layers: 2 } });
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(3 * 2 * (1 + 4));
    for (const done of [1, 2, 3]) {
      clock += 1;
      run.progress(layer("solve", done, 3));
    }
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(3 * 2 + 1 * 3 * 3);
    run.progress(evaluation(1, 7));
    expect(seen.at(-1)).toMatchObject({ phase: "solve", done: 1, total: 4, detail: { step: 1, loss: 7 } });
  });

  it("forgets the steps that an early convergence left over, once the batch is done", () => {
    const seen: Progress[] = [];
    let clock = 0;
    const watching = quietRun({ progress: (progress) => void seen.push(progress) });
    const run = paced({ read: 1, solve: 100 }, watching, () => clock);
    clock += 5;
    run.progress(layer("solve", 1, 1));
    run.progress(evaluation(1, 0.01));
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(5 * 99 + 5);
    run.progress({ phase: "solve", done: 100, total: 100 });
    clock += 2;
    run.progress(layer("read", 1, 2));
    expect(seen.at(-1)?.detail?.secondsLeft).toBe(2);
  });

  it("lets what is neither a layer nor a step pass", () => {
    const seen: Progress[] = [];
    const run = paced({ solve: 4 }, quietRun({ progress: (progress) => void seen.push(progress) }));
    const told = { phase: "covariance", done: 10, total: 20 };
    run.progress(told);
    expect(seen).toEqual([told]);
  });

  it("foresees every pass of an edit and its completion", async () => {
    const storage = await mkdtemp(join(tmpdir(), "rome-pace-"));
    const folder = fixturePath("checkpoints", "even-fp16");
    const rome = await Rome.open(folder, { storage, policy: "stream", tileElements: 2000 });
    const options = { contexts: ["{}", "The weather. {}"], covariance: "none", maxTokens: 3 } as const;
    const seen: Progress[] = [];
    const watching = quietRun({ progress: (now) => void seen.push(now) });
    const settings = { ...options, hyperParameters: { v_num_grad_steps: 3 } };
    const extent = { ...request, targets: [request.target] };
    const plan = await planEdits(rome, [extent], settings, { completions: 1 }, watching);
    expect(plan).toEqual({ read: 7, solve: 3, generate: 2 });
    const run = paced(plan, watching);
    await rome.edit([request], settings, run);
    await ask(rome.model, [{ prompt: "Name: Ben. Gender:" }], [], { maxTokens: options.maxTokens }, run);
    const of = (kind: string) => seen.filter(({ phase, detail }) => phase === kind && detail?.layer !== undefined);
    // After the last evaluation no step follows, and nobody reads its way back.
    const solve = of("solve").map(({ detail }) => detail);
    const layers = solve[0]?.layers ?? 0;
    const ended = solve.findLastIndex((at) => at?.layer === layers);
    expect(ended + 1).toBe(2 * layers);
    expect(solve.slice(ended + 1).map((at) => at?.layer)).toEqual([1, 2, 3]);
    expect(seen.findLast(({ phase }) => phase === "solve")).toMatchObject({ done: 3, total: 3 });
    expect(of("generate").at(-1)).toMatchObject({ done: 2, total: 2 });
    expect(of("read").at(-1)?.done).toBeLessThanOrEqual(plan.read ?? 0);
    for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total);
    await rm(storage, { recursive: true });
  });
});
