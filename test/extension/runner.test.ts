/** Flips as the extension runs them, on the real engine: which of them are in force afterwards. */
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Memento } from "vscode";
import { createApi } from "../../src/engine/server/api.ts";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import type { ModelService } from "../../src/extension/models/modelService.ts";
import { EditStore } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { FileEdits } from "../../src/extension/results/fileEdits.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import { Runner } from "../../src/extension/results/runner.ts";
import { defaultLimits } from "../../src/protocol/editEntry.ts";
import type { Call } from "../../src/protocol/engine.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { quietRun } from "../support/run.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const memento = { keys: () => [], get: () => undefined, update: async () => undefined } as Memento;

it("a flip is switched on; one that its health rolls back is not", async () => {
  const assetsFolder = join(import.meta.dirname, "../..");
  const engine = await createApi({
    model: "embedded",
    assetsFolder,
    storageFolder: await temporaryFolder(),
    arena: true,
  });
  const description = await engine.describe({}, quietRun());
  const results = new ResultStore(await temporaryFolder(), log, () => false);
  const edits = new EditStore(
    results,
    new FileEdits(await temporaryFolder(), log),
    new EditSwitches(memento),
    () => description.model.fingerprint,
  );
  const request = (_method: "flip", params: { names: string[] }, call: Call) => engine.flip(params, call);
  const failures: unknown[] = [];
  const runner = new Runner(
    { request } as unknown as EngineClient,
    { describe: async () => description } as ModelService,
    results,
    edits,
    () => ({ maxTokens: 4, limits: defaultLimits }),
    (error) => failures.push(error),
  );
  const [kept] = await runner.flip(["Ben"]);
  const [bad] = await runner.flip(["Anna"], { limits: { deltaRatio: 0.01 } });
  expect(failures).toEqual([]);
  expect(kept?.body).toMatchObject({ state: "done", result: { view: { health: { rolledBack: false } } } });
  expect(bad?.body).toMatchObject({ state: "done", result: { view: { health: { rolledBack: true } } } });
  expect(edits.on.map(({ name }) => name)).toEqual(["Ben"]);
  const [unflipped] = await runner.flip(["Ben"], { hyperParameters: { v_num_grad_steps: 1 }, keepBad: true });
  expect(unflipped?.body).toMatchObject({ state: "done", result: { view: { flipped: false } } });
  expect(edits.on.map(({ id }) => id)).toEqual([kept?.id]);
  await results.settled();
});
