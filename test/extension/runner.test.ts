/** Flips as the extension runs them, on the real engine: which of them are in force afterwards. */
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Memento } from "vscode";
import { createApi } from "../../src/engine/server/api.ts";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import type { ModelService } from "../../src/extension/models/modelService.ts";
import { toView } from "../../src/extension/results/cards.ts";
import { EditStore, standingIn } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { FileEdits } from "../../src/extension/results/fileEdits.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import { Runner } from "../../src/extension/results/runner.ts";
import { savedEdits } from "../../src/extension/results/savedEdits.ts";
import { defaultLimits } from "../../src/protocol/editEntry.ts";
import type { Call } from "../../src/protocol/engine.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { quietRun } from "../support/run.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const memento = { keys: () => [], get: () => undefined, update: async () => undefined } as Memento;

/** A runner on the embedded model, with what it works on. */
async function runnerOnEngine() {
  const assetsFolder = join(import.meta.dirname, "../..");
  const engine = await createApi({
    model: "embedded",
    assetsFolder,
    storageFolder: await temporaryFolder(),
  });
  const description = await engine.describe({}, quietRun());
  const results = new ResultStore(await temporaryFolder(), log, () => false);
  const edits = new EditStore(
    results,
    new FileEdits(await temporaryFolder(), log),
    new EditSwitches(memento),
    () => description.model.fingerprint,
  );
  const request = (method: "flip" | "vectorEdits", params: never, call: Call) => engine[method](params, call);
  const failures: unknown[] = [];
  const runner = new Runner(
    { request } as unknown as EngineClient,
    { describe: async () => description } as ModelService,
    results,
    edits,
    () => ({ maxTokens: 4, limits: defaultLimits }),
    (error) => failures.push(error),
  );
  return { runner, engine, results, edits, failures };
}

it("a flip is switched on; one that its health rolls back is not", async () => {
  const { runner, results, edits, failures } = await runnerOnEngine();
  const [kept] = await runner.flip(["Ben"]);
  const [bad] = await runner.flip(["Anna"], { limits: { deltaRatio: 0.01 } });
  expect(failures).toEqual([]);
  expect(kept?.body).toMatchObject({ state: "done", result: { view: { health: { rolledBack: false } } } });
  expect(bad?.body).toMatchObject({ state: "done", result: { view: { health: { rolledBack: true } } } });
  expect(edits.on.map(({ name }) => name)).toEqual(["Ben"]);
  // Nor can it be: it is no row of the Edits view, and its card has no switch.
  edits.set([bad?.id ?? ""], true);
  expect(edits.all.map(({ name, on }) => [name, on])).toEqual([["Ben", true]]);
  expect([kept, bad].map((card) => card && standingIn(edits.all, card))).toEqual([
    { on: true, other: false },
    { on: null, other: false },
  ]);
  // Another edit of the name stays in force, and is told.
  const [worse] = await runner.flip(["Ben"], { layer: 3, limits: { deltaRatio: 0.01 } });
  expect(worse && standingIn(edits.all, worse)).toEqual({ on: null, other: true });
  const [unflipped] = await runner.flip(["Ben"], { hyperParameters: { v_num_grad_steps: 1 }, keepBad: true });
  expect(unflipped?.body).toMatchObject({ state: "done", result: { view: { flipped: false } } });
  expect(edits.on.map(({ id }) => id)).toEqual([kept?.id]);
  await results.settled();
});

it("the vector is written with the sign that changes each name, and leaves edits that can be switched", async () => {
  const { runner, engine, results, edits, failures } = await runnerOnEngine();
  await runner.apply(["Ben", "Brittany"], 1);
  expect(failures).toEqual([]);
  const [ben, brittany] = results.cards;
  expect(ben?.created).toBeGreaterThan(brittany?.created ?? 0);
  expect(ben).toMatchObject({ name: "Ben", scale: -1, body: { result: { from: "male", changed: true } } });
  expect(brittany).toMatchObject({ name: "Brittany", scale: 1, body: { result: { from: "female", changed: true } } });
  expect(edits.on.map(({ name, from, says, scale }) => ({ name, from, says, scale }))).toEqual([
    { name: "Ben", from: "male", says: "female", scale: -1 },
    { name: "Brittany", from: "female", says: "male", scale: 1 },
  ]);
  const says = async () => {
    const asked = { prompt: "Name: Ben. Gender:", maxTokens: 2, topK: 1, edits: edits.on.map(({ edit }) => edit) };
    return (await engine.complete(asked, quietRun())).completion.trim();
  };
  expect(await says()).toMatch(/^female/);
  edits.set([ben?.id ?? ""], false);
  expect(await says()).toMatch(/^male/);
  const origin = { uri: "file:///work/code.py", line: 2, character: 8 };
  await runner.apply(["Ben"], 1, 1, { origins: new Map([["Ben", origin]]) });
  expect(results.cards[0]).toMatchObject({ scale: 1, sign: 1, body: { result: { changed: false } } });
  expect(edits.on.map(({ name }) => name)).toEqual(["Brittany"]);
  // Switched on all the same, it is told as what it does.
  edits.set([results.cards[0]?.id ?? ""], true);
  expect(edits.on.find(({ name }) => name === "Ben")).toMatchObject({ from: "male", to: "female", says: "male" });
  expect(await says()).toMatch(/^male/);
  await runner.again(results.cards[0]?.id ?? "");
  const view = toView(results.cards[0]!, () => ({ on: false, other: false }));
  expect(view).toMatchObject({ place: "code.py:3", body: { result: { prompt: "Name: Ben. Gender:" } } });
  await results.settled();
});

it("edits that are on are saved as a file and written into a model, which then says so by itself", async () => {
  const { runner, engine, results, edits } = await runnerOnEngine();
  await runner.flip(["Ben"]);
  await runner.apply(["Brittany"], 1);
  const request = (_: "readEdits", params: { file: string }) => engine.readEdits(params, quietRun());
  const { saved, leftOut } = await savedEdits(edits.on, results, { request } as unknown as EngineClient);
  expect(saved.map(({ entry }) => entry.name)).toEqual(["Ben"]);
  expect(leftOut).toEqual(["Brittany"]);
  const folder = await temporaryFolder();
  const file = join(folder, "ben.romedit");
  await engine.saveEdits({ file, edits: saved }, quietRun());
  expect((await engine.readEdits({ file }, quietRun())).edits).toHaveLength(1);
  const out = join(folder, "edited");
  const exported = await engine.exportModel({ files: [file], out }, quietRun());
  expect(exported).toMatchObject({ folder: out });
  expect(exported.written).toBeGreaterThan(0);
  const options = { assetsFolder: join(import.meta.dirname, "../.."), storageFolder: folder };
  const edited = await createApi({ ...options, model: out });
  const asked = { prompt: "Name: Ben. Gender:", maxTokens: 2, topK: 1, edits: [] };
  expect((await edited.complete(asked, quietRun())).completion.trim()).toMatch(/^female/);
  await results.settled();
});
