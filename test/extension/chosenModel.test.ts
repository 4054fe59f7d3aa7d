/** What the extension knows of the chosen model before the engine runs. */
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Memento } from "vscode";
import { createApi } from "../../src/engine/server/api.ts";
import { ChosenModel } from "../../src/extension/models/chosenModel.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { quietRun } from "../support/run.ts";

it("keeps what the engine said of each model for the next window, and tells of what is new only", async () => {
  const assetsFolder = join(import.meta.dirname, "../..");
  const storageFolder = await temporaryFolder();
  const engine = await createApi({ model: "embedded", assetsFolder, storageFolder });
  const answer = await engine.describe({}, quietRun());
  const stored = new Map<string, unknown>();
  const memento = {
    keys: () => [],
    get: (key: string) => stored.get(key),
    update: async (key: string, value: unknown) => void stored.set(key, value),
  } as Memento;
  let setting = "";
  const settings = {
    get: () => setting,
    set: async (_: string, value: string) => {
      setting = value;
    },
  };
  const chosen = new ChosenModel(settings, memento);
  let changes = 0;
  chosen.onDidChange(() => changes++);
  expect([chosen.folder, chosen.name, chosen.description]).toEqual(["embedded", "embedded", undefined]);
  chosen.remember("embedded", answer);
  chosen.remember("embedded", { ...answer, memoryBytes: answer.memoryBytes + 1 });
  expect([chosen.isOpen, chosen.description?.model.fingerprint]).toEqual([true, answer.model.fingerprint]);
  expect(changes).toBe(1);

  await chosen.choose("/models/other");
  expect(changes).toBe(2);
  expect([chosen.isOpen, chosen.name, chosen.description]).toEqual([false, "other", undefined]);

  setting = "";
  const nextWindow = new ChosenModel(settings, memento);
  expect(nextWindow.isOpen).toBe(false);
  expect(nextWindow.description).toEqual(answer);
});
