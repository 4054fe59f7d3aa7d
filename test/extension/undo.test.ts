/** What is cleared or switched off at once comes back with the notification's Undo. */
import { readdirSync } from "node:fs";
import { beforeEach, expect, it, vi } from "vitest";
import { editCommands } from "../../src/extension/commands/edits.ts";
import { resultCommands } from "../../src/extension/commands/results.ts";
import { Command } from "../../src/extension/contributions.ts";
import type { FlipCard } from "../../src/extension/results/cards.ts";
import { EditStore, type LiveEdit } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { FileEdits } from "../../src/extension/results/fileEdits.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { flipResult } from "../support/flipResult.ts";
import { memento } from "../support/memento.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const said = window.showInformationMessage;
beforeEach(() => void said.mockReset());

const card = (name: string, created: number): FlipCard => ({
  ...{ id: name, created, kind: "flip", name, model: { name: "embedded", fingerprint: "f" }, options: {} },
  ...{ body: { state: "done", result: flipResult(name) }, nearest: null },
});

/** A sidebar with four flips, two of them on, one of another model than the open one. */
async function sidebar() {
  const folder = await temporaryFolder();
  const switches = new EditSwitches(memento());
  const results = new ResultStore(folder, log, (id) => switches.on.has(id));
  const fileEdits = new FileEdits(await temporaryFolder(), log);
  const edits = new EditStore(results, fileEdits, switches, () => "f");
  const other = { ...card("Other", 1), model: { name: "gpt-j", fingerprint: "g" } };
  results.restore(card("Ben", 4), card("Anna", 3), card("Carl", 2), other);
  edits.set(["Ben", "Carl", "Other"], true);
  const runner = { cancel: vi.fn() };
  const services = { results, edits, runner, fileEdits };
  const commands = {
    ...resultCommands(services as unknown as Parameters<typeof resultCommands>[0]),
    ...editCommands(services as unknown as Parameters<typeof editCommands>[0]),
  };
  const shown = () => results.cards.map(({ id }) => id);
  const on = () => edits.on.map(({ id }) => id);
  return { results, edits, fileEdits, switches, commands, shown, on, folder };
}

it("Clear Results keeps what is on, and its Undo brings the rest back, on disk, too", async () => {
  const { results, commands, shown, on, folder } = await sidebar();
  said.mockResolvedValueOnce(undefined);
  await commands[Command.clearResults]();
  expect(said).toHaveBeenLastCalledWith(
    "1 result was cleared. With it went 1 edit that was off. 3 results stay: their edits are on.",
    "Undo",
  );
  expect(shown()).toEqual(["Ben", "Carl", "Other"]);
  expect(on()).toEqual(["Ben", "Carl"]);

  await commands[Command.clearResults]();
  expect(said).toHaveBeenLastCalledWith("Nothing to clear: every result that is shown has its edit on.");
  expect(shown()).toEqual(["Ben", "Carl", "Other"]);

  results.restore(card("Anna", 3));
  said.mockImplementationOnce(async () => {
    expect(shown()).toEqual(["Ben", "Carl", "Other"]);
    return "Undo";
  });
  await commands[Command.clearResults]();
  expect(shown()).toEqual(["Ben", "Anna", "Carl", "Other"]);
  await results.settled();
  expect(readdirSync(folder)).toHaveLength(4);
});

it("a card that comes back takes the place of its copy from a file, and the switch of it", async () => {
  const { edits, fileEdits, commands, shown, on } = await sidebar();
  const { edit } = edits.all.find(({ id }) => id === "Anna") as LiveEdit;
  const copy = { id: "/anna.romedit#Anna", name: "Anna", from: "female", to: "male", layer: edit.layer };
  const inFile = { ...copy, file: "/anna.romedit", model: { name: "embedded", fingerprint: "f" }, edit: { ...edit } };
  for (const command of [Command.clearResults, Command.removeEdit] as const) {
    edits.set(["Anna"], false);
    said.mockImplementationOnce(async () => {
      fileEdits.add(inFile);
      edits.set([inFile.id], true);
      expect(on()).toEqual([inFile.id, "Ben", "Carl"]);
      return "Undo";
    });
    await commands[command]({ id: "Anna" });
    expect(edits.all.map(({ id }) => id)).toEqual(shown());
    expect(on()).toEqual(["Ben", "Anna", "Carl"]);
  }
  await fileEdits.settled();
});

it("an edit that is removed comes back with Undo, as it was", async () => {
  const { results, commands, shown, on } = await sidebar();
  said.mockImplementationOnce(async () => {
    expect([shown(), on()]).toEqual([["Anna", "Carl", "Other"], ["Carl"]]);
    return "Undo";
  });
  await commands[Command.removeEdit]({ id: "Ben" });
  expect(said).toHaveBeenLastCalledWith("Removed: Ben.", "Undo");
  expect([shown(), on()]).toEqual([
    ["Ben", "Anna", "Carl", "Other"],
    ["Ben", "Carl"],
  ]);
  said.mockResolvedValueOnce("Undo");
  await commands[Command.removeEdit]({ id: "Anna" });
  expect(on()).toEqual(["Ben", "Carl"]);
  said.mockResolvedValueOnce(undefined);
  await commands[Command.removeEdit]({ id: "Ben" });
  expect([shown(), on()]).toEqual([["Anna", "Carl", "Other"], ["Carl"]]);
  await results.settled();
});

it("Undo All Edits switches all off and clears nothing; its Undo puts them in force again, of another model, too", async () => {
  const { results, switches, commands, shown, on } = await sidebar();
  said.mockImplementationOnce(async () => {
    expect(on()).toEqual([]);
    return "Undo";
  });
  await commands[Command.undoAll]();
  expect(said).toHaveBeenLastCalledWith("Edits switched off: 2.", "Undo");
  expect(on()).toEqual(["Ben", "Carl"]);
  expect(switches.on.has("Other")).toBe(true);
  expect(shown()).toHaveLength(4);

  said.mockResolvedValueOnce(undefined);
  await commands[Command.undoAll]();
  expect(on()).toEqual([]);
  // Nothing was on: nothing is told.
  said.mockClear();
  await commands[Command.undoAll]();
  expect(said).not.toHaveBeenCalled();
  await results.settled();
});
