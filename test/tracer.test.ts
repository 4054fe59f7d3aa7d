/** The lab's causal trace as the extension runs it, on the real engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RomeError } from "../src/engine/errors.ts";
import { createEngine, type Engine } from "../src/engine/service.ts";
import type { EngineClient } from "../src/extension/engine/engineClient.ts";
import { EngineError } from "../src/extension/engine/engineError.ts";
import { Tracer } from "../src/extension/lab/tracer.ts";
import type { Call, Params } from "../src/protocol/engine.ts";
import type { LabTrace, LabTraceRequest } from "../src/protocol/webview.ts";

const folder = mkdtempSync(join(tmpdir(), "rome-tracer-"));
const request: LabTraceRequest = { of: "name", name: " Ben ", count: 3, window: 1, samples: 3, target: "" };
let engine: Engine;

beforeAll(async () => {
  const assetsFolder = join(import.meta.dirname, "..");
  engine = await createEngine({ model: "embedded", assetsFolder, storageFolder: folder, arena: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A tracer that asks the engine without a process between, its errors put as the process boundary puts them. */
function start(names: readonly string[] = []) {
  const states: LabTrace[] = [];
  const ask = async (_: "trace", params: Params<"trace">, call: Call) => {
    try {
      return await engine.trace(params, call);
    } catch (error) {
      throw error instanceof RomeError ? new EngineError(error.reason, error.message) : error;
    }
  };
  const tracer: Tracer = new Tracer(
    { request: ask as unknown as EngineClient["request"] },
    () => names,
    () => states.push(tracer.state),
  );
  return { tracer, states };
}

describe("the lab's causal trace", () => {
  it("follows a name from start to end, and finds the layer that the training edited", async () => {
    const { tracer, states } = start();
    await tracer.run(request);
    const { state } = tracer;
    if (state.state !== "done") throw new Error(JSON.stringify(state));
    expect(state.result.subjects.map(({ subject }) => subject)).toEqual(["Ben"]);
    expect(state.result.window).toBe(1);
    const row = state.result.mlp.effect[state.result.places.findIndex(({ role }) => role === "last")] ?? [];
    expect(row.indexOf(Math.max(...row))).toBe(state.result.editLayer);
    const shares = states.flatMap((now) =>
      now.state === "running" && now.progress ? [now.progress.done / now.progress.total] : [],
    );
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  it("averages over names spread through the file, and over all of a shorter one", async () => {
    const names = ["Anna", "Ben", "Carla", "David", "Emma", "Frank", "Helen"];
    for (const [count, expected] of [
      [3, ["Anna", "Carla", "Emma"]],
      [50, names],
    ] as const) {
      const { tracer } = start(names);
      await tracer.run({ ...request, of: "average", count, samples: 1, target: " female" });
      const { state } = tracer;
      if (state.state !== "done") throw new Error(JSON.stringify(state));
      expect(state.result.subjects.map(({ subject }) => subject)).toEqual(expected);
      expect(new Set(state.result.subjects.map(({ target }) => target))).toEqual(new Set([" female"]));
    }
  });

  it("is cancelled back to what was there, and runs again", async () => {
    const { tracer } = start();
    await tracer.run(request);
    const { state: before } = tracer;
    const running = tracer.run({ ...request, samples: 50 });
    expect(tracer.state.state).toBe("running");
    tracer.cancel();
    await running;
    expect(tracer.state).toBe(before);
    await tracer.run({ ...request, name: "Anna" });
    expect(tracer.state).toMatchObject({ state: "done", result: { subjects: [{ subject: "Anna" }] } });
  });

  it("says what is wrong with bad input", async () => {
    for (const [bad, words] of [
      [{ name: "  " }, "Type one"],
      [{ of: "average" }, "no names to average over"],
      [{ samples: 1001 }, "samples must be a whole number"],
    ] as const) {
      const { tracer } = start();
      await tracer.run({ ...request, ...bad });
      expect(tracer.state).toMatchObject({ state: "failed", failure: { message: expect.stringContaining(words) } });
    }
  });
});
