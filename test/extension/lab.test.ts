/** The lab's form and what stands beside it: an edit that is in force is not made again, and a reload loses nothing. */
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { Lab, type LabServices } from "../../src/extension/lab/lab.ts";
import { handleLabIntent } from "../../src/extension/lab/labIntents.ts";
import type { FlipCard } from "../../src/extension/results/cards.ts";
import { EditStore } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { FileEdits } from "../../src/extension/results/fileEdits.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import type { RunOptions } from "../../src/extension/results/runner.ts";
import { defaultLimits } from "../../src/protocol/editEntry.ts";
import type { FlipOptions } from "../../src/protocol/editOptions.ts";
import type { LabRequest } from "../../src/protocol/labFlip.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { flipResult } from "../support/flipResult.ts";
import { gender, labRequest } from "../support/labRequest.ts";
import { memento } from "../support/memento.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
beforeEach(() => void window.showInformationMessage.mockReset());

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const request: LabRequest = {
  ...labRequest,
  hyperParameters: { v_num_grad_steps: 20, v_lr: 0.5 },
  contexts: 20,
};
const description = {
  model: { name: "embedded", fingerprint: "f", layers: 6, editLayer: 2 },
  defaults: { concept: gender, contexts: 20, hyperParameters: { v_lr: 0.5, v_num_grad_steps: 20 } },
};
const known = {
  tokens: ["Name", ":", " Ben", "."],
  subject: [0, 0] as [number, number],
  targets: [[" female"], [" male"]],
  layer: 2,
  contexts: 21,
  covarianceTokens: 1,
  denominatorShare: 0.2,
};

/** A window's lab on what the workspace keeps; flips are made at once. */
async function open(kept = { state: memento(), folder: "" }, engineState = { kind: "ready", busy: false }) {
  kept.folder ||= await temporaryFolder();
  const switches = new EditSwitches(kept.state);
  const results = new ResultStore(kept.folder, log, (id) => switches.on.has(id));
  onTestFinished(() => results.settled());
  const edits = new EditStore(results, new FileEdits(await temporaryFolder(), log), switches, () => "f");
  const defaults = () => ({ maxTokens: 24, limits: defaultLimits });
  const flip = vi.fn(async ([name = ""]: readonly string[], options: FlipOptions, run: RunOptions) => {
    const running: FlipCard = {
      ...{ id: `${results.cards.length}`, created: results.cards.length, kind: "flip", name, nearest: null },
      ...{ model: { name: "embedded", fingerprint: "f" }, options: { ...defaults(), ...options } },
      body: { state: "running", progress: null },
    };
    results.add(running);
    run.started?.([running.id]);
    results.update({ ...running, body: { state: "done", result: flipResult(name) } });
    edits.set([running.id], true);
    return [];
  });
  const source = { onDidChange: () => {} };
  const services = {
    engine: { state: engineState, request: async () => known, onDidChangeState: () => {} },
    chosenModel: { ...source, description },
    reports: { report: { layer: 2 } },
    experiments: { ...source, recording: { state: "none" } },
    namesFile: { ...source, path: "names.csv", names: new Set() },
    ...{ results, edits, runner: { flip }, models: {}, defaults, memento: kept.state, status: () => ({}) },
  };
  const lab = new Lab(services as unknown as LabServices);
  const run = (asked: LabRequest) =>
    handleLabIntent({ type: "run", request: asked }, { lab, edits } as unknown as Parameters<
      typeof handleLabIntent
    >[1]);
  return { lab, results, edits, flip, run, kept };
}

it("asked for the very edit that is on, offers to flip back, and makes no second one", async () => {
  const { edits, flip, run } = await open();
  await run(request);
  expect(flip).toHaveBeenCalledOnce();
  // Another order of the same numbers, and what was left open written out.
  const hyperParameters = { v_lr: 0.5, v_num_grad_steps: 20 };
  await run({ ...request, name: " Ben ", hyperParameters, forms: {}, maxTokens: 24 });
  expect(flip).toHaveBeenCalledOnce();
  expect(window.showInformationMessage).toHaveBeenLastCalledWith("Ben is flipped already, male→female.", "Flip Back");
  expect(edits.on).toHaveLength(1);
  window.showInformationMessage.mockResolvedValueOnce("Flip Back");
  await run(request);
  expect([flip.mock.calls.length, edits.on.length]).toEqual([1, 0]);
  // What is off is asked for anew.
  await run(request);
  expect(flip).toHaveBeenCalledTimes(2);
});

it.each<Partial<LabRequest>>([
  { name: "Anna" },
  { template: "{} is a" },
  { targets: [request.targets[0], { label: "baker", text: " baker" }] },
  { layer: 3 },
  { contexts: 0 },
  { hyperParameters: { ...request.hyperParameters, v_lr: 0.4 } },
  { covariance: "none" },
  { key: "r-rome" },
  { forms: { female: " female" } },
  { maxTokens: 25 },
])("a request that differs in anything is another one: %j", async (change) => {
  const { flip, run } = await open();
  await run(request);
  await run({ ...request, ...change });
  expect(flip).toHaveBeenCalledTimes(2);
  expect(window.showInformationMessage).not.toHaveBeenCalled();
});

it("after a reload the first state has the notes and the result of the last window", async () => {
  vi.useFakeTimers();
  const before = await open();
  await before.run({ ...request, layer: 3 });
  await vi.runAllTimersAsync();
  const { notes, preflight, run } = before.lab.state;
  expect(notes.map(({ field }) => field)).toEqual(["layer", "template"]);
  expect([preflight, run.state]).toEqual([known, "done"]);
  await before.results.settled();

  // The engine sleeps in the new window, and nothing wakes it.
  const after = await open(before.kept, { kind: "stopped", busy: false });
  await after.results.load();
  after.lab.restore();
  expect(after.lab.state).toMatchObject({ notes, preflight, run });
  // The page asks about its form again, which is the same.
  after.lab.edit({ ...request, layer: 3 });
  expect(after.lab.state.preflight).toEqual(known);
  after.lab.edit(request);
  expect(after.lab.state.preflight).toBeNull();
  vi.useRealTimers();
});
