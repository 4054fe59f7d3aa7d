/** What is asked for twice, and what cannot be done yet: no second row of the same edit, and a reason. */
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { editCommands } from "../../src/extension/commands/edits.ts";
import { Command } from "../../src/extension/contributions.ts";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import type { ModelService } from "../../src/extension/models/modelService.ts";
import { EditStore } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { FileEdits } from "../../src/extension/results/fileEdits.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import { Runner } from "../../src/extension/results/runner.ts";
import { defaultLimits } from "../../src/protocol/editEntry.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { flipResult } from "../support/flipResult.ts";
import { memento } from "../support/memento.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
beforeEach(() => void window.showInformationMessage.mockReset());

/** The commands on these services. */
function commandsOn(services: object) {
  return editCommands(services as unknown as Parameters<typeof editCommands>[0]);
}

it("Apply Vector is in the palette where nothing is recorded, too, and says what to do first", async () => {
  const entry = manifest.contributes.commands.find(({ command }) => command === Command.applyVector);
  expect(entry).not.toHaveProperty("enablement");
  const commands = commandsOn({ reports: { report: null } });
  await expect(commands[Command.applyVector]({ names: ["Ben"] })).rejects.toThrow(
    'There is no vector for this model and concept yet; run "ROME: Record Experiment" first.',
  );
});

/** The commands on a sidebar and an engine that answers at once. */
async function sidebar() {
  const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const switches = new EditSwitches(memento());
  const results = new ResultStore(await temporaryFolder(), log, (id) => switches.on.has(id));
  onTestFinished(() => results.settled());
  const edits = new EditStore(results, new FileEdits(await temporaryFolder(), log), switches, () => "f");
  const request = async (method: "flip" | "vectorEdits", asked: { names: string[]; scale: number; sign?: number }) =>
    asked.names.map((name) => {
      const { view, saved } = flipResult(name);
      if (method === "flip") return { view, saved };
      const { prompt, from, before, after } = view;
      const scale = asked.scale * (asked.sign ?? -1);
      return { view: { name, prompt, from, before, after, changed: true }, scale, edit: saved.edit };
    });
  const settings = { maxTokens: 24, limits: { ...defaultLimits } };
  const runner = new Runner(
    { request } as unknown as EngineClient,
    { describe: async () => ({ model: { name: "embedded", fingerprint: "f" } }) } as unknown as ModelService,
    results,
    edits,
    () => ({ ...settings }),
    (error) => expect(error).toBeUndefined(),
  );
  const concept = { prompt: "Name: {}. Gender:", targets: [{ label: "female" }, { label: "male" }] };
  const concepts = { file: undefined, concept, labels: ["female", "male"] };
  const resultsView = { reveal: vi.fn(async () => {}) };
  const reports = { report: { vector: { scale: 0.5 } }, written: 0 };
  const commands = commandsOn({ runner, results, edits, concepts, resultsView, reports });
  const shown = () => edits.all.map(({ name, on, scale }) => [name, on, ...(scale === undefined ? [] : [scale])]);
  return { commands, edits, settings, concept, reports, resultsView, shown };
}

it("a vector that is on for a name is not written once more, but offered to be switched off", async () => {
  const { commands, shown } = await sidebar();
  const apply = (sign?: number) => commands[Command.applyVector]({ names: ["Ben"], ...(sign && { sign }) });
  await apply();
  expect(shown()).toEqual([["Ben", true, -0.5]]);
  await apply();
  await apply(-1);
  expect(window.showInformationMessage).toHaveBeenCalledTimes(2);
  expect(window.showInformationMessage).toHaveBeenLastCalledWith("Ben is flipped already, male→female.", "Flip Back");
  expect(shown()).toEqual([["Ben", true, -0.5]]);
  window.showInformationMessage.mockResolvedValueOnce("Flip Back");
  await apply();
  expect(shown()).toEqual([["Ben", false, -0.5]]);
  // The other sign is another edit.
  await apply(1);
  expect(shown()).toEqual([
    ["Ben", true, 0.5],
    ["Ben", false, -0.5],
  ]);
});

it("a vector that is written for a name, but off, is switched on; one of another scale, sign or recording is written", async () => {
  const { commands, edits, reports, resultsView, shown } = await sidebar();
  const apply = async (asked: { scale?: number; sign?: number } = {}) => {
    edits.undoAll();
    await commands[Command.applyVector]({ names: ["Ben"], ...asked });
  };
  await apply();
  const [ben] = edits.all;
  await apply();
  await apply({ sign: -1 });
  expect(shown()).toEqual([["Ben", true, -0.5]]);
  expect(resultsView.reveal).toHaveBeenLastCalledWith(ben?.id);
  await apply({ scale: 1 });
  await apply({ sign: 1 });
  expect(shown()).toHaveLength(3);
  reports.written = Date.now() + 1;
  await apply({ scale: 1 });
  expect(shown()).toHaveLength(4);
});

it("a name that is given twice is flipped once", async () => {
  const { commands, shown } = await sidebar();
  await commands[Command.flip]({ names: ["Ben", "Ben ", "Ben"] });
  expect(shown()).toEqual([["Ben", true]]);
});

it("a flip whose edit is there, but off, switches that on; one of other settings or words is made anew", async () => {
  const { commands, edits, settings, concept, resultsView, shown } = await sidebar();
  const flip = async (...names: string[]) => {
    edits.undoAll();
    await commands[Command.flip]({ names });
  };
  await flip("Ben");
  const [ben] = edits.all;
  await flip("Ben");
  expect(shown()).toEqual([["Ben", true]]);
  expect(resultsView.reveal).toHaveBeenLastCalledWith(ben?.id);
  await flip("Ben", "Anna");
  expect(shown().sort()).toEqual([
    ["Anna", true],
    ["Ben", true],
  ]);
  settings.maxTokens = 25;
  await flip("Ben");
  expect(shown().filter(([name]) => name === "Ben")).toHaveLength(2);
  concept.prompt = "{} is";
  await flip("Ben");
  expect(shown().filter(([name]) => name === "Ben")).toHaveLength(3);
});
