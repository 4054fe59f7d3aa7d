/** The lab's measurements as the extension runs them, on the real engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi } from "../../src/engine/server/api.ts";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import { EngineError } from "../../src/extension/engine/engineError.ts";
import { Measurements } from "../../src/extension/lab/measurements.ts";
import type { Call, EngineApi, Method } from "../../src/protocol/engine.ts";
import { RomeError } from "../../src/protocol/errors.ts";
import type { LabMeasured, LabSpecificityRequest, LabTraceRequest } from "../../src/protocol/labMeasurements.ts";
import type { Trace } from "../../src/protocol/measurements.ts";

const folder = mkdtempSync(join(tmpdir(), "rome-measurements-"));
const request: LabTraceRequest = { of: "name", name: " Ben ", count: 3, window: 1, samples: 3, target: "" };
let engine: EngineApi;

beforeAll(async () => {
  const assetsFolder = join(import.meta.dirname, "../..");
  engine = await createApi({ model: "embedded", assetsFolder, storageFolder: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Measurements that ask the engine without a process between, its errors put as the process boundary puts them. */
function start(names: readonly string[] = []) {
  const states: LabMeasured<Trace>[] = [];
  const ask = async (method: Exclude<Method, "initialize">, params: never, call: Call) => {
    try {
      return await engine[method](params, call);
    } catch (error) {
      throw error instanceof RomeError ? new EngineError(error.reason, error.message) : error;
    }
  };
  const measurements: Measurements = new Measurements(
    { request: ask as unknown as EngineClient["request"] },
    () => names,
    () => states.push(measurements.trace.state),
  );
  return { measurements, states };
}

describe("the lab's causal trace", () => {
  it("follows a name from start to end, and finds the layer that the training edited", async () => {
    const { measurements, states } = start();
    await measurements.runTrace(request);
    const { state } = measurements.trace;
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
      // The list alternates between two labels: both are met.
      [3, ["Anna", "David", "Emma"]],
      [50, names],
    ] as const) {
      const { measurements } = start(names);
      await measurements.runTrace({ ...request, of: "average", count, samples: 1, target: " female" });
      const { state } = measurements.trace;
      if (state.state !== "done") throw new Error(JSON.stringify(state));
      expect(state.result.subjects.map(({ subject }) => subject)).toEqual(expected);
      expect(new Set(state.result.subjects.map(({ target }) => target))).toEqual(new Set([" female"]));
    }
  });

  it("is cancelled back to what was there, and runs again", async () => {
    const { measurements } = start();
    await measurements.runTrace(request);
    const { state: before } = measurements.trace;
    const running = measurements.runTrace({ ...request, samples: 50 });
    expect(measurements.trace.state.state).toBe("running");
    measurements.trace.cancel();
    await running;
    expect(measurements.trace.state).toBe(before);
    await measurements.runTrace({ ...request, name: "Anna" });
    expect(measurements.trace.state).toMatchObject({ state: "done", result: { subjects: [{ subject: "Anna" }] } });
  });

  it("says what is wrong with bad input", async () => {
    for (const [bad, words] of [
      [{ name: "  " }, "Type one"],
      [{ of: "average" }, "no names to average over"],
      [{ samples: 1001 }, "samples must be a whole number"],
    ] as const) {
      const { measurements } = start();
      await measurements.runTrace({ ...request, ...bad });
      expect(measurements.trace.state).toMatchObject({
        state: "failed",
        failure: { message: expect.stringContaining(words) },
      });
    }
  });
});

describe("the lab's evaluation and sweep over layers", () => {
  const chosen: LabSpecificityRequest = { of: "name", name: "Ben", count: 2, compare: false };

  it("evaluates one edit, and the kinds of key with the vector beside it", async () => {
    const { measurements } = start();
    await measurements.runEvaluation(chosen, true);
    const { state } = measurements.evaluation;
    if (state.state !== "done") throw new Error(JSON.stringify(state));
    expect(state.result.runs.map(({ key, edits }) => [key, edits])).toEqual([["rome", 1]]);
    expect(state.result.runs[0]?.efficacy).toMatchObject({ before: { score: 0 }, after: { score: 1 } });
    await measurements.runEvaluation({ ...chosen, compare: true }, true);
    const { state: compared } = measurements.evaluation;
    if (compared.state !== "done") throw new Error(JSON.stringify(compared));
    expect(compared.result.runs.map(({ kind, key, scale }) => [kind, key, scale])).toEqual([
      ["edit", "rome", null],
      ["edit", "r-rome", null],
      ["edit", "p-rome", null],
      ["vector", "rome", 1],
    ]);
  });

  it("edits at every layer, and ends at once when cancelled", async () => {
    const { measurements } = start(["Anna", "Ben", "Carla", "David"]);
    await measurements.runLayers(chosen);
    const { state } = measurements.layers;
    if (state.state !== "done") throw new Error(JSON.stringify(state));
    expect(state.result.rows.map(({ layer }) => layer)).toEqual([0, 1, 2, 3, 4, 5]);
    const running = measurements.runLayers({ ...chosen, of: "average" });
    expect(measurements.layers.state).toMatchObject({ state: "running", names: 2 });
    measurements.cancelSpecificity();
    await running;
    expect(measurements.layers.state).toBe(state);
  });

  it("says what is wrong with a name that is none", async () => {
    const { measurements } = start();
    for (const [name, words] of [
      [" ", "Type one"],
      ["x".repeat(500), "is not a name. Use letters, spaces, apostrophes, hyphens and dots, at most 60 characters."],
    ] as const) {
      await measurements.runEvaluation({ ...chosen, name }, false);
      expect(measurements.evaluation.state).toMatchObject({
        state: "failed",
        failure: { message: expect.stringContaining(words) },
      });
    }
  });
});
