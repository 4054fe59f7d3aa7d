/** An open edit file as the extension holds it, on the real engine: reading, switching, comparing, refusing. */
import { mkdtempSync, rmSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Memento } from "vscode";
import { readEditFile, writeEditFile } from "../../src/engine/edits/editFile.ts";
import { type SavedEdit, weightEdits } from "../../src/engine/edits/editSet.ts";
import { apiOf } from "../../src/engine/server/api.ts";
import { saveEdits } from "../../src/engine/tasks/editFiles.ts";
import { Engine } from "../../src/engine/tasks/engine.ts";
import { EditFileModel, type EditFileServices } from "../../src/extension/editFiles/editFileModel.ts";
import { EditStore } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { FileEdits } from "../../src/extension/results/fileEdits.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import type { Call, Description, EngineApi } from "../../src/protocol/engine.ts";
import { temporaryFolder } from "../support/checkpointBuilders.ts";

const call: Call = { signal: new AbortController().signal, progress: () => undefined };
const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), "rome-edit-file-"));
let engine: EngineApi;
let description: Description;
/** Two real edits, Ben and Anna. */
let file: string;

beforeAll(async () => {
  const opened = await Engine.create({
    model: "embedded",
    assetsFolder: join(import.meta.dirname, "../.."),
    storageFolder: folder,
  });
  engine = apiOf(opened);
  description = await engine.describe({}, call);
  const results = await engine.flip({ names: ["Ben", "Anna"], maxTokens: 4, keepBad: true }, call);
  file = join(folder, "two.romedit");
  const edits = results.map(({ saved }) => saved);
  await saveEdits(opened, { file, edits });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(
  path: string,
  stored = new Map<string, unknown>(),
  fingerprint = description.model.fingerprint,
  kept = temporaryFolder(),
) {
  const results = new ResultStore(temporaryFolder(), log, () => false);
  const memento = {
    keys: () => [...stored.keys()],
    get: (key: string) => stored.get(key),
    update: async (key: string, value: unknown) => void stored.set(key, value),
  } as Memento;
  const fileEdits = new FileEdits(kept, log);
  const edits = new EditStore(results, fileEdits, new EditSwitches(memento), () => fingerprint);
  const failures: unknown[] = [];
  const request = ((method: "readEdits" | "compareEdits", params: never) =>
    engine[method](params, call)) as EditFileServices["engine"]["request"];
  const services: EditFileServices = {
    engine: { request },
    models: { describe: async () => description },
    edits,
    fileEdits,
    failed: (error) => failures.push(error),
  };
  return { model: new EditFileModel(path, services), edits, fileEdits, failures, stored, kept, services };
}

function shown(model: EditFileModel) {
  const { body } = model.state;
  if (body.state !== "done") throw new Error(JSON.stringify(body));
  return body;
}

describe("an open edit file", () => {
  it("shows its edits, and switches them among the live edits so that completions change", async () => {
    const { model, edits } = open(file);
    expect(model.state.body.state).toBe("reading");
    await model.read();
    expect(shown(model).differences).toEqual([]);
    expect(shown(model).edits.map(({ entry, on }) => [entry.name, on])).toEqual([
      ["Ben", false],
      ["Anna", false],
    ]);
    expect(edits.all).toEqual([]);
    const [ben] = shown(model).edits;
    model.toggle([ben!.id], true);
    expect(edits.on.map(({ name, file: from }) => [name, from])).toEqual([["Ben", file]]);
    expect(shown(model).edits.map(({ on }) => on)).toEqual([true, false]);

    const [{ entry }] = weightEdits(await readEditFile(file)) as [SavedEdit];
    const request = { prompt: entry.template.replace("{}", "Ben"), maxTokens: 4, topK: 1 };
    const on = await engine.complete({ ...request, edits: edits.on.map(({ edit }) => edit) }, call);
    expect(on.completion).toBe(ben!.entry.after.completion);
    model.toggle([ben!.id], false);
    const off = await engine.complete({ ...request, edits: edits.on.map(({ edit }) => edit) }, call);
    expect(off.completion).toBe(ben!.entry.before.completion);
    expect(edits.all.map(({ name, on: live }) => [name, live])).toEqual([["Ben", false]]);
  });

  it("is on again after a reload of the window, and replaced by an edit of the same name", async () => {
    const first = open(file);
    await first.model.read();
    first.model.toggle([shown(first.model).edits[0]!.id], true);
    const second = open(file, first.stored);
    await second.model.read();
    expect(second.edits.on.map(({ name }) => name)).toEqual(["Ben"]);
    second.fileEdits.add({ ...second.fileEdits.all[0]!, id: "other#Ben", file: "other" });
    second.edits.set(["other#Ben"], true);
    expect(second.edits.on.map(({ id }) => id)).toEqual(["other#Ben"]);
  });

  it("that was saved from live edits is those: they are shown on, switched, and never there twice", async () => {
    const live = open(file);
    await live.model.read();
    live.model.toggle(
      shown(live.model).edits.map(({ id }) => id),
      true,
    );
    const path = join(temporaryFolder(), "copy.romedit");
    await copyFile(file, path);
    const copy = new EditFileModel(path, live.services);
    await copy.read();
    const ids = shown(copy).edits.map(({ id }) => id);
    expect(shown(copy).edits.map(({ on }) => on)).toEqual([true, true]);
    copy.toggle(ids, false);
    expect(live.edits.on).toEqual([]);
    copy.toggle(ids, true);
    expect(live.edits.all.map(({ id, on }) => [id, on])).toEqual([
      [`${file}#Ben`, true],
      [`${file}#Anna`, true],
    ]);
    expect(shown(live.model).edits.map(({ on }) => on)).toEqual([true, true]);
  });

  it("switches a batch as a whole", async () => {
    const set = await readEditFile(file);
    const path = join(temporaryFolder(), "batch.romedit");
    const edits = weightEdits(set).map((edit) => ({
      ...edit,
      key: edit.u,
      entry: { ...edit.entry, method: "batch" as const },
    }));
    await writeEditFile(path, { ...set, edits });
    const { model, edits: store } = open(path);
    await model.read();
    model.toggle([`${path}#Anna`], true);
    expect(store.on.map(({ name }) => name)).toEqual(["Ben", "Anna"]);
    store.set([`${path}#Ben`], false);
    expect(store.on).toEqual([]);
  });

  it("of another model says what differs and stays off", async () => {
    const set = await readEditFile(file);
    const path = join(temporaryFolder(), "foreign.romedit");
    await writeEditFile(path, { ...set, model: { ...set.model, fingerprint: "0".repeat(64) } });
    const { model, edits } = open(path);
    await model.read();
    expect(shown(model).differences.join()).toContain("weights 000000000000, not");
    model.toggle([shown(model).edits[0]!.id], true);
    expect(edits.all).toEqual([]);
  });

  it("cut short or foreign is told in words, and can be read again once it is whole", async () => {
    const path = join(temporaryFolder(), "cut.romedit");
    const bytes = await readFile(file);
    await writeFile(path, bytes.subarray(0, bytes.length - 9));
    const { model, edits, failures } = open(path);
    await model.read();
    const { body } = model.state;
    expect(body).toMatchObject({ state: "failed", failure: { message: expect.stringContaining("damaged") } });
    expect(JSON.stringify(body)).not.toMatch(/\n\s+at /);
    expect(failures).toHaveLength(1);
    await writeFile(path, "PK this is a zip");
    await model.read();
    expect(model.state.body.state).toBe("failed");
    await copyFile(file, path);
    await model.read();
    model.toggle([`${path}#Ben`], true);
    expect(edits.on).toHaveLength(1);
    // An edit that is gone from the file is gone from the live ones.
    const set = await readEditFile(file);
    await writeEditFile(path, { ...set, edits: set.edits.slice(1) });
    await model.read();
    expect(edits.all).toEqual([]);
  });

  it("is compared with another: cosines and norms by name", async () => {
    const set = await readEditFile(file);
    const path = join(temporaryFolder(), "other.romedit");
    const [ben] = weightEdits(set);
    const turned = { ...ben!, r: ben!.r.map((x) => -2 * x), delta: ben!.delta.map((x) => -2 * x) };
    await writeEditFile(path, { ...set, edits: [turned, { ...ben!, entry: { ...ben!.entry, name: "Kim" } }] });
    const { model, failures } = open(file);
    await model.read();
    await model.compare(path);
    const { comparison } = model.state;
    if (comparison?.state !== "done") throw new Error(JSON.stringify(comparison));
    const { pairs, only, differences } = comparison.result;
    expect(pairs.map(({ names }) => names)).toEqual([["Ben", "Ben"]]);
    expect(pairs[0]!.deltaCosine).toBeCloseTo(-1, 6);
    expect(pairs[0]!.updateCosine).toBeCloseTo(-1, 6);
    expect(pairs[0]!.deltaNorms[1] / pairs[0]!.deltaNorms[0]).toBeCloseTo(2, 5);
    expect(pairs[0]!.updateNorms[1] / pairs[0]!.updateNorms[0]).toBeCloseTo(2, 5);
    expect([only, differences]).toEqual([[["Anna"], ["Kim"]], []]);

    await model.compare(join(import.meta.dirname, "../..", "package.json"));
    expect(model.state.comparison).toMatchObject({ state: "failed", file: "package.json" });
    expect(failures).toHaveLength(1);
    model.closeComparison();
    expect(model.state.comparison).toBeNull();
  });

  it("is live in the next window without being opened; one that has changed is told, one that is gone is forgotten", async () => {
    const own = join(folder, "kept.romedit");
    await copyFile(file, own);
    const first = open(own);
    await first.model.read();
    first.model.toggle([`${own}#Ben`], true);
    await first.fileEdits.settled();
    const again = () => open(own, first.stored, description.model.fingerprint, first.kept);
    const next = again();
    expect(await next.fileEdits.load()).toEqual([]);
    expect(next.edits.on.map(({ id, edit }) => ({ id, edit }))).toEqual(
      first.edits.on.map(({ id, edit }) => ({ id, edit })),
    );
    expect(next.edits.on).toHaveLength(1);
    await copyFile(file, own);
    expect(await again().fileEdits.load()).toEqual([own]);
    rmSync(own);
    const last = again();
    expect(await last.fileEdits.load()).toEqual([]);
    expect(last.edits.on).toEqual([]);
  });
});
