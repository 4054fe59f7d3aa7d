/** An experiment says beforehand what it does and how long that takes, and refuses what it could make nothing of. */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { experiment } from "../../../src/engine/tasks/experiment.ts";
import { announcing } from "../../../src/engine/tasks/record.ts";
import { together } from "../../../src/engine/tasks/recorders.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const root = join(import.meta.dirname, "../../..");
const opened = async () =>
  Engine.create({ model: "embedded", assetsFolder: root, storageFolder: await temporaryFolder() });

/** So many names of each label, from those that the model gives the label of the file. */
async function namesFile(females: number, males: number, { from = 0 } = {}): Promise<string> {
  const [header, ...rows] = readFileSync(join(root, "data/names.csv"), "utf8").trim().split("\n");
  const of = (label: string, count: number) =>
    rows.filter((row) => row.endsWith(`,${label}`)).slice(from, from + count);
  const file = join(await temporaryFolder(), "names.csv");
  await writeFile(file, `${[header, ...of("female", females), ...of("male", males)].join("\n")}\n`);
  return file;
}

/** An experiment with little work a name. */
const small = async (names: { namesFile?: string; newNamesFile?: string; count?: number }) => ({
  folder: join(await temporaryFolder(), "set"),
  contexts: "none" as const,
  covariance: "none" as const,
  hyperParameters: { v_num_grad_steps: 2 },
  ...names,
});

/** The progress of a run, and the run. */
function watched() {
  const told: Progress[] = [];
  return { told, run: quietRun({ progress: (progress) => void told.push(progress) }) };
}

afterEach(() => void vi.restoreAllMocks());

it("its stages are said at its start; the time left takes in the vector's trial, which is told from its beginning", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const { told, run } = watched();
  const [names, fresh] = [await namesFile(8, 8), await namesFile(4, 4, { from: 20 })];
  const request = await small({ namesFile: names, newNamesFile: fresh });
  const report = await experiment(await opened(), request, run);
  expect(report.recorded.total).toBe(16);
  expect(said.mock.calls[0]?.[0]).toBe(
    "note: 16 names are recorded, then a classifier learns to tell their edits apart, then its vector is tried on 8 new names at 7 lengths or more.\n",
  );
  const last = told.findLast(({ phase }) => phase === "record");
  expect(last).toMatchObject({ done: 16, total: 16 });
  expect(last?.detail?.secondsLeft).toBeGreaterThan(0);
  const applied = told.filter(({ phase }) => phase === "apply");
  expect(applied[0]).toEqual({ phase: "apply", done: 0, total: 59 });
});

it("too few names are refused at once", async () => {
  const request = await small({ count: 7 });
  await expect(experiment(await opened(), request, quietRun())).rejects.toThrow(
    "An experiment needs 8 names at least, for 4 edits in each direction, and these are 7.",
  );
  expect(existsSync(request.folder)).toBe(false);
});

it("names that the model gives too few of one label are refused before the first is recorded", async () => {
  const { told, run } = watched();
  const request = await small({ namesFile: await namesFile(3, 9) });
  await expect(experiment(await opened(), request, run)).rejects.toThrow(
    "There would be 3 edits female→male and 9 edits male→female; at least 4 of each are needed. Record more names.",
  );
  expect(existsSync(request.folder)).toBe(false);
  expect(told.filter(({ phase }) => phase === "record" || phase === "solve")).toEqual([]);
});

describe("the time of a recording and the trial behind it", () => {
  const step = (done: number, detail?: Progress["detail"]) => ({ phase: "record", done, total: 30, detail });
  const announced = (trial: number | undefined, ...steps: Progress[]) => {
    const notes: string[] = [];
    const { told, run } = watched();
    const recording = announcing(run, trial, (text) => notes.push(text));
    for (const one of steps) recording.progress(one);
    return { notes, left: told.map(({ detail }) => detail?.secondsLeft) };
  };

  it("is announced once, after the first batch, and told with every step from then on", () => {
    const steps = [step(0), step(0, { loss: 1 }), step(10, { secondsLeft: 120 }), step(10, { loss: 1 }), step(30)];
    expect(announced(600, ...steps)).toEqual({
      notes: [
        "Recording the other 20 names takes about 2 min 00 s on this machine, by the first batch, and trying the vector about 10 min 00 s: about 12 min 00 s in all.",
      ],
      left: [undefined, undefined, 720, 720, 600],
    });
    expect(announced(undefined, ...steps)).toEqual({
      notes: ["Recording the other 20 names takes about 2 min 00 s on this machine, by the first batch."],
      left: [undefined, undefined, 120, 120, 0],
    });
  });

  it("is the trial's alone where all is recorded, and not announced where it is short", () => {
    expect(announced(600, step(30)).notes).toEqual([
      "Trying the vector takes about 10 min 00 s on this machine, by a first sample.",
    ]);
    expect(announced(10, step(10, { secondsLeft: 20 })).notes).toEqual([]);
  });

  it("is not known before one of several processes has recorded a batch", () => {
    const { told, run } = watched();
    const of = together(2, 30, run);
    of(0).progress(step(0));
    of(1).progress(step(4, { secondsLeft: 50 }));
    of(0).progress(step(0, { loss: 1 }));
    expect(told.map(({ detail }) => detail?.secondsLeft)).toEqual([undefined, 50, 50]);
  });
});
