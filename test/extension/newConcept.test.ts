/** New Concept…: what it asks keeps what was typed, and no file is written over unasked. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { makeConcept } from "../../src/extension/commands/newConcept.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { Uri, window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
beforeEach(() => {
  for (const asked of [window.showInputBox, window.showQuickPick, window.showWarningMessage]) asked.mockReset();
});

/** Makes a concept of two lists that the model knows, saved as `name` in the folder. */
function make(folder: string, name: string, answers = "Leeds, London"): Promise<string | undefined> {
  window.activeTextEditor = undefined;
  for (const answer of [answers, "Name: {}. Location:", "Ann, Bea", "Carl, Dan"])
    window.showInputBox.mockResolvedValueOnce(answer);
  window.showQuickPick.mockImplementationOnce(async (items) =>
    items.find((item) => String(item).startsWith("Two lists")),
  );
  const token = { isCancellationRequested: false, onCancellationRequested() {} };
  window.withProgress.mockImplementation((_: unknown, work: (...given: unknown[]) => unknown) =>
    work({ report() {} }, token),
  );
  window.showInformationMessage.mockResolvedValueOnce("Create");
  window.showSaveDialog.mockResolvedValueOnce(Uri.file(join(folder, name)));
  const request = async (_: string, { prompt }: { prompt: string }) => ({
    completion: /Ann|Bea/.test(prompt) ? " Leeds" : " London",
  });
  const services = { engine: { request }, models: {}, names: { all: [], find: () => undefined } };
  return makeConcept(services as unknown as Parameters<typeof makeConcept>[0]);
}

it("writes the concept and its names; files that are there, and that no dialog asked about, only after a question", async () => {
  const folder = await temporaryFolder();
  mkdirSync(folder, { recursive: true });
  expect(await make(folder, "mine.json")).toBe(join(folder, "mine.concept.json"));
  expect(window.showWarningMessage).not.toHaveBeenCalled();
  expect(readdirSync(folder).sort()).toEqual(["mine-names.csv", "mine.concept.json"]);

  for (const file of ["mine-names.csv", "mine.concept.json"]) writeFileSync(join(folder, file), "my own");
  expect(await make(folder, "mine.json")).toBeUndefined();
  expect(window.showWarningMessage).toHaveBeenLastCalledWith(
    "Already there: mine.concept.json, mine-names.csv. Replace?",
    { modal: true },
    "Replace",
  );
  expect(readFileSync(join(folder, "mine-names.csv"), "utf8")).toBe("my own");

  // The save dialog has asked about the path that was typed.
  window.showWarningMessage.mockResolvedValueOnce("Replace");
  expect(await make(folder, "mine.concept.json")).toBe(join(folder, "mine.concept.json"));
  expect(window.showWarningMessage.mock.lastCall?.[0]).toBe("Already there: mine-names.csv. Replace?");
  expect(readFileSync(join(folder, "mine-names.csv"), "utf8")).toContain("Ann");
});

it("takes names as they are typed, each in one list, and two answers that differ", async () => {
  await make(await temporaryFolder(), "mine.json");
  type Box = { validateInput: (text: string) => string | undefined };
  const [answers, , first, second] = window.showInputBox.mock.calls.map(([options]) => (options as Box).validateInput);
  expect(answers?.("Leeds, leeds")).toBe("Type two different answers with a comma between them.");
  expect(answers?.("Leeds, London")).toBeUndefined();
  expect(first?.("michael, Zoë")).toBeUndefined();
  expect(first?.(" , ")).toBe("Type names with commas between them.");
  expect(first?.("a@b")).toBe("Type names with commas between them.");
  expect(second?.("Carl, Bea")).toBe("Bea is in the list of Leeds already.");
});

it("keeps each box open when the focus moves: what was typed before it is not lost", async () => {
  await make(await temporaryFolder(), "mine.json");
  const asked = [
    ...window.showInputBox.mock.calls.map(([options]) => options),
    window.showQuickPick.mock.calls[0]?.[1],
  ];
  expect(asked).toHaveLength(5);
  for (const options of asked) expect(options).toMatchObject({ ignoreFocusOut: true });
});

it("proposes a prompt about places for the places that it proposes, and for no other answers", async () => {
  const prompts = async (answers: string) => {
    window.showInputBox.mockReset();
    await make(await temporaryFolder(), "mine.json", answers).catch(() => {});
    return (window.showInputBox.mock.calls[1]?.[0] as { value: string } | undefined)?.value;
  };
  expect(await prompts("London, Paris")).toBe("Name: {}. Location:");
  expect(await prompts("teacher, baker")).toBe("{} is");
});
