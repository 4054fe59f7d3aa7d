/** A recording by several engine processes: the same bytes as by one, whatever becomes of them. Needs dist/engine.js. */
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { record } from "../../../src/engine/tasks/record.ts";
import { recordersFor } from "../../../src/engine/tasks/recorders.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const root = join(import.meta.dirname, "../../..");

/** Enough names for two processes. */
const count = 100;

/** Records with little work a name; the finished files. */
async function recorded(folder: string, threads: number, { assetsFolder = root, run = quietRun() } = {}) {
  const engine = await Engine.create({
    model: "embedded",
    assetsFolder,
    storageFolder: await temporaryFolder(),
    threads,
  });
  const hyperParameters = { v_num_grad_steps: 2 };
  const made = await record(engine, { folder, count, contexts: "none", covariance: "none", hyperParameters }, run);
  const read = (name: string) => readFile(join(folder, name));
  return { made, records: await read("records.jsonl"), deltas: await read("deltas.safetensors") };
}

/** The project's files with another program in the place of the engine's. */
async function assetsWith(engine: string): Promise<string> {
  const assets = await temporaryFolder();
  await mkdir(join(assets, "dist"));
  for (const name of ["data", "models"]) await symlink(join(root, name), join(assets, name));
  await writeFile(join(assets, "dist/engine.js"), engine);
  return assets;
}

afterEach(() => void vi.restoreAllMocks());

describe("how many record", () => {
  it.each([
    ["one for each thread", 1000, 4, 9, 4],
    ["no more than the memory holds", 1000, 8, 3, 3],
    ["none for a few batches", 15, 8, 8, 1],
    ["as many as have enough to do", 30, 8, 8, 3],
  ])("%s", (_, batches, threads, within, expected) => {
    expect(recordersFor(batches, threads, within)).toBe(expected);
  });
});

it("the same bytes as one process, told as one work", async () => {
  const told: Progress[] = [];
  const run = { ...quietRun(), progress: (progress: Progress) => void told.push(progress) };
  const apart = await recorded(await temporaryFolder(), 2, { run });
  const alone = await recorded(await temporaryFolder(), 1);
  expect(apart.made).toEqual({ recorded: count, total: count });
  expect(apart.records.equals(alone.records)).toBe(true);
  expect(apart.deltas.equals(alone.deltas)).toBe(true);
  const done = told.filter(({ phase }) => phase === "record").map((progress) => progress.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBe(count);
  expect(new Set(told.flatMap(({ detail }) => detail?.names ?? [])).size).toBe(count);
});

it("what a process leaves undone is recorded here, and told of", async () => {
  const note = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const assetsFolder = await assetsWith("process.exit(3);");
  const { made } = await recorded(await temporaryFolder(), 2, { assetsFolder });
  expect(made).toEqual({ recorded: count, total: count });
  expect(String(note.mock.calls)).toContain("has ended (exit code 3); its names are recorded here.");
});

it("stops when it is cancelled, and goes on with what is missing", async () => {
  const folder = await temporaryFolder();
  const abort = new AbortController();
  const progress = ({ phase, done }: Progress) => void (phase === "record" && done > 0 && abort.abort());
  await expect(recorded(folder, 2, { run: { signal: abort.signal, progress } })).rejects.toMatchObject({
    reason: "cancelled",
  });
  const again: number[] = [];
  const run = { ...quietRun(), progress: ({ phase, done }: Progress) => void (phase === "record" && again.push(done)) };
  const { made } = await recorded(folder, 2, { run });
  expect(made.recorded).toBe(count);
  expect(again[0]).toBeGreaterThan(0);
});
