/** A recording as the extension starts it: what is told before, what is left after. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { Memento } from "vscode";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import { EngineError } from "../../src/extension/engine/engineError.ts";
import { Experiments } from "../../src/extension/experiment/experiments.ts";
import { deleteExperiment, pastExperiments } from "../../src/extension/experiment/history.ts";
import type { Reports } from "../../src/extension/experiment/reports.ts";
import type { ChosenModel } from "../../src/extension/models/chosenModel.ts";
import type { ModelService } from "../../src/extension/models/modelService.ts";
import type { Call } from "../../src/protocol/engine.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { memento } from "../support/memento.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Experiments on an engine that answers as it is told. */
async function experimentsOn(
  answer: (method: string, params: never, call: Call) => unknown,
  { storage, workspace }: { storage?: string; workspace?: Memento } = {},
) {
  storage ??= await temporaryFolder();
  workspace ??= memento();
  const failures: unknown[] = [];
  const engine = { request: async (method: string, params: never, call: Call) => answer(method, params, call) };
  const reports = { setRecorded: async () => {}, load: async () => {}, recordedFolder: () => undefined };
  const experiments = new Experiments(
    engine as unknown as EngineClient,
    { folder: "embedded" } as ChosenModel,
    { reopen: async () => {} } as ModelService,
    reports as unknown as Reports,
    () => undefined,
    storage,
    memento(),
    workspace,
    log,
    (error) => failures.push(error),
  );
  const kept = () => (existsSync(join(storage, "experiments")) ? readdirSync(join(storage, "experiments")) : []);
  return { experiments, failures, kept, storage, workspace };
}

/** What the engine counts in a names file. */
const names = (female: number, male: number) => ({
  recorded: female + male,
  labels: [
    { label: "female", count: female },
    { label: "male", count: male },
  ],
  needed: 4,
  fresh: 0,
  others: 0,
});

it("tells how many names, where to and, once one was recorded, how long; a file with mistakes leaves nothing", async () => {
  const { experiments, kept, storage } = await experimentsOn((method, params: never, call) => {
    if (method === "countNames") return names(4, 4);
    if (method === "check")
      return (params as { text: string }).text.includes("Eva,x") ? [{ line: 2, message: "the gender is x" }] : [];
    if (method === "record") for (const done of [0, 8]) call.progress({ phase: "record", done, total: 8 });
    return {};
  });
  const file = join(storage, "names.csv");
  writeFileSync(file, "name,gender\nEva,x\n");
  await expect(experiments.plan(file)).rejects.toThrow("names.csv, line 2: the gender is x.");
  writeFileSync(file, "name,gender\nEva,female\nBen,male\n");
  const plan = await experiments.plan(file);
  expect(plan).toMatchObject({ names: 8, seconds: null, kept: "nothing" });
  expect(kept()).toEqual([]);
  expect(await experiments.record(file)).toBe(true);
  const again = await experiments.plan(undefined);
  expect(again.seconds).not.toBeNull();
  writeFileSync(join(plan.folder, "manifest.json"), "{}");
  expect(await experiments.plan(file)).toMatchObject({ kept: "part" });
  writeFileSync(join(plan.folder, "report.json"), "{}");
  expect(await experiments.plan(file)).toMatchObject({ kept: "all" });
});

it("keeps the pace of the vector's trial by itself, and tells a speed in names of the edits alone", async () => {
  const speeds: unknown[] = [];
  const { experiments } = await experimentsOn(async (method, _, call) => {
    if (method === "countNames") return { ...names(4, 4), fresh: 40 };
    if (method !== "record" && method !== "transfer") return {};
    const total = method === "record" ? 8 : 59;
    for (const done of [0, 2]) {
      call.progress({ phase: method === "record" ? "record" : "apply", done, total });
      await new Promise((resolve) => setTimeout(resolve, method === "record" ? 5 : 60));
    }
    const { recording } = experiments;
    speeds.push(recording.state === "running" && [recording.phase, recording.namesPerSecond]);
    return {};
  });
  expect((await experiments.plan(undefined)).trial).toEqual({ names: 40, seconds: null });
  expect(await experiments.record(undefined)).toBe(true);
  expect(speeds).toEqual([
    ["record", expect.any(Number)],
    ["sweep", null],
  ]);
  const { seconds, trial } = await experiments.plan(undefined);
  expect(seconds).toBeGreaterThan(0);
  expect(trial.seconds).toBeGreaterThan(0.1);
});

it("names that no classifier could be made of are refused before anything is recorded, be they all or a sample", async () => {
  let found = names(9, 3);
  const { experiments, kept } = await experimentsOn((method) => (method === "countNames" ? found : {}));
  await expect(experiments.plan(undefined)).rejects.toThrow(
    "These names are too few to tell the answers apart: female 9, male 3. At least 4 of each are needed.",
  );
  found = names(50, 50);
  expect(await experiments.plan(undefined, { count: 8 })).toMatchObject({ names: 8 });
  await expect(experiments.plan(undefined, { count: 6 })).rejects.toThrow("female 3, male 3");
  expect(kept()).toEqual([]);
});

it("a recording that was stopped, or whose window was closed, waits in the next one, until it is discarded", async () => {
  let end = () => {};
  const first = await experimentsOn(async (method, params: never, call) => {
    if (method !== "record") return {};
    writeFileSync(join((params as { folder: string }).folder, "manifest.json"), "{}");
    call.progress({ phase: "record", done: 5, total: 120 });
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    throw new EngineError("cancelled", "stopped");
  });
  const options = { layer: 3 };
  const recorded = first.experiments.record(undefined, options);
  await vi.waitFor(() => expect(first.experiments.recording).toMatchObject({ done: 5 }));
  // A window that opens meanwhile, as after a crash.
  const next = async () => (await experimentsOn(() => ({}), first)).experiments;
  expect((await next()).recording).toMatchObject({ state: "stopped", done: 5, total: 120, failure: null });
  end();
  expect(await recorded).toBe(false);
  const experiments = await next();
  expect(experiments.stoppedOptions).toEqual(options);
  expect(experiments.goesOn(undefined, options)).toBe(true);
  await experiments.remove(experiments.stoppedFolder ?? "");
  expect(first.kept()).toEqual([]);
  expect((await next()).recording).toEqual({ state: "none" });
});

it("counts the edits alone: what stands before them counts other things", async () => {
  const { experiments } = await experimentsOn((method, _, call) => {
    if (method !== "record") return {};
    call.progress({ phase: "covariance", done: 100, total: 100 });
    call.progress({ phase: "record", done: 3, total: 120 });
    call.progress({ phase: "check", done: 7, total: 7 });
    throw new EngineError("cancelled", "stopped");
  });
  expect(await experiments.record(undefined)).toBe(false);
  expect(experiments.recording).toMatchObject({ state: "stopped", done: 3, total: 120 });
});

it("a recording that was refused leaves no folder; one that was stopped is kept until it is discarded", async () => {
  let refused = true;
  const { experiments, failures, kept } = await experimentsOn((method, params: never) => {
    if (method !== "record") return {};
    if (refused) throw new EngineError("input", "no");
    writeFileSync(join((params as { folder: string }).folder, "manifest.json"), "{}");
    throw new EngineError("cancelled", "stopped");
  });
  expect(await experiments.record(undefined)).toBe(false);
  expect(failures).toHaveLength(1);
  expect(kept()).toEqual([]);
  refused = false;
  expect(await experiments.record(undefined)).toBe(false);
  expect(kept()).toHaveLength(1);
  expect(experiments.goesOn(undefined)).toBe(true);
  expect(experiments.goesOn("/other.csv")).toBe(false);
  await experiments.remove(experiments.stoppedFolder ?? "");
  expect(kept()).toEqual([]);
  expect(experiments.recording).toEqual({ state: "none" });
});

it("a recording that goes on tells no speed before a name is done: what an earlier run kept was not done now", async () => {
  const seen: unknown[] = [];
  let waited = 0;
  const { experiments } = await experimentsOn(async (method, _, call) => {
    if (method !== "record") return {};
    const told = () => {
      const { recording } = experiments;
      seen.push(recording.state === "running" && [recording.done, recording.namesPerSecond]);
    };
    told();
    call.progress({ phase: "record", done: 16, total: 60 });
    told();
    const started = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    waited = performance.now() - started;
    call.progress({ phase: "record", done: 17, total: 60 });
    told();
    return {};
  });
  await experiments.record(undefined);
  expect(seen.slice(0, 2)).toEqual([
    [0, null],
    [16, null],
  ]);
  const [done, speed] = seen[2] as [number, number];
  expect(done).toBe(17);
  // One name in what was waited; a timer may fire a little early.
  expect(speed).toBeLessThanOrEqual(1000 / waited);
});

it("a second recording that is asked for at once is not begun", async () => {
  const asked: string[] = [];
  const { experiments } = await experimentsOn((method) => {
    asked.push(method);
    return {};
  });
  expect(await Promise.all([experiments.record(undefined), experiments.record(undefined)])).toEqual([true, false]);
  expect(asked.filter((method) => method === "record")).toHaveLength(1);
});

it("records as it is told to: each way in a folder of its own, with a pace of its own, and no more names than there are", async () => {
  const asked: unknown[] = [];
  const { experiments } = await experimentsOn((method, params: never, call) => {
    if (method === "countNames") return names(10, 10);
    if (method !== "record") return {};
    asked.push(params);
    for (const done of [0, 8]) call.progress({ phase: "record", done, total: 8 });
    return {};
  });
  const options = { layer: 3, contexts: "none" as const, hyperParameters: { v_num_grad_steps: 5 }, count: 8 };
  await expect(experiments.plan(undefined, { count: 21 })).rejects.toThrow("There are 20 names, fewer than the 21");
  expect(await experiments.plan(undefined, options)).toMatchObject({ names: 8, seconds: null });
  expect(await experiments.record(undefined, options)).toBe(true);
  expect(asked).toEqual([expect.objectContaining(options)]);
  const { seconds, folder } = await experiments.plan(undefined, { ...options, count: 12 });
  expect(seconds).not.toBeNull();
  const usual = await experiments.plan(undefined);
  expect(usual).toMatchObject({ names: 20, seconds: null });
  expect(usual.folder).not.toBe(folder);
});

it("lists what was recorded, the newest first, without what is unfinished; what is deleted is gone", async () => {
  const folder = await temporaryFolder();
  const report = readFileSync(join(import.meta.dirname, "../../models/embedded/experiment/report.json"), "utf8");
  for (const [name, text] of [
    ["old", report],
    ["new", report],
    ["unfinished", undefined],
    ["damaged", "{"],
  ] as const) {
    mkdirSync(join(folder, name));
    if (text !== undefined) writeFileSync(join(folder, name, "report.json"), text);
  }
  utimesSync(join(folder, "old", "report.json"), 1000, 1000);
  const past = await pastExperiments(folder);
  expect(past.map((one) => one.folder)).toEqual([join(folder, "new"), join(folder, "old")]);
  expect(past[0]?.report.recorded.total).toBe(1000);
  await deleteExperiment({ folder: join(folder, "new") });
  expect(await pastExperiments(folder)).toHaveLength(1);
  expect(await pastExperiments(join(folder, "nowhere"))).toEqual([]);
});
