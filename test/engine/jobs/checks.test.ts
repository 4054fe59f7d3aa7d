/** What a measurement or an experiment itself would refuse is refused, in its words, before anything is handed over. */
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { rome, temporaryFolder } from "../../support/fixtures.ts";

const shipped = join(import.meta.dirname, "../../../models/embedded/experiment");
let folder: string;
let none: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  none = join(folder, "no.csv");
});

/** Alone and handed over, into `keep`, the command is refused alike, and the scheduler hears of nothing. */
async function refusedAlike(work: string[], place: string[], message: RegExp): Promise<void> {
  const what = work.join(" ");
  const alone = await rome(...work, ...place);
  const on = ["--on", "command", "--shards", "2", "--", "echo submitted; true {script}"];
  const submitted = await rome(...work, ...place, ...on);
  expect(submitted.stderr, what).toMatch(message);
  expect(submitted, what).toEqual(alone);
  expect(existsSync(join(place[1] as string, "jobs"))).toBe(false);
}

it("a trace's names, numbers, prompt and folder", async () => {
  const kept = join(folder, "traces");
  expect((await rome("trace", "Ben", "--samples", "2", "--keep", kept, "--prepare")).code).toBe(0);
  const cases: [string[], string, RegExp][] = [
    [["trace", "--names", none], "new", /no\.csv cannot be read/],
    [["trace", "Ben", "--samples", "0"], "new", /--samples takes/],
    [["trace", "Ben", "--window", "2000"], "new", /window must be a whole number/],
    [["trace", "Ben", "--prompt", "No hole"], "new", /holds \{\} exactly once/],
    [["trace", "Ben", "--prompt", `${"long ".repeat(600)}{}`], "new", /this model reads at most/],
    [["trace", "Ben", "--samples", "3"], "traces", /keeps a trace with another samples/],
    [["sweep", "Ben"], "traces", /keeps a trace, not a sweep/],
    [["trace", "Ben", "--model", none], "new", /no\.csv/],
  ];
  for (const [work, place, message] of cases) await refusedAlike(work, ["--keep", join(folder, place)], message);
}, 120_000);

it("a sweep's names, parameters and folder", async () => {
  const kept = join(folder, "rows");
  const fixed = ["--contexts", "none", "--covariance", "none", "--form", "male= male", "--form", "female= female"];
  expect((await rome("sweep", "Ben", ...fixed, "--keep", kept, "--prepare")).code).toBe(0);
  const cases: [string[], string, RegExp][] = [
    [["--names", none], "new", /no\.csv cannot be read/],
    [["Ben", "--steps", "0"], "new", /--steps takes/],
    [["Ben", "--contexts", none], "new", /no\.csv cannot be read/],
    [["Ben", "--covariance", none], "new", /no\.csv does not exist/],
    [["Ben", "--form", "x=y"], "new", /no label "x"/],
    [["Ben", ...fixed, "--steps", "3"], "rows", /keeps a sweep with another hyperParameters/],
  ];
  for (const [work, place, message] of cases)
    await refusedAlike(["sweep", ...work], ["--keep", join(folder, place)], message);
}, 120_000);

it("a referee's folder, names and choices", async () => {
  const data = join(folder, "data");
  cpSync(shipped, data, { recursive: true });
  const cases: [string[], RegExp][] = [
    [[join(folder, "nowhere")], /holds no data set/],
    [[data, "--new-names", none], /no\.csv cannot be read/],
    [[data, "--only", "readable", "--skip", "stable"], /not both/],
    [[data, "--each", "1"], /--each takes/],
    [[data, "--vector", "none"], /--vector takes/],
  ];
  for (const [work, message] of cases)
    await refusedAlike(["referee", ...work], ["--keep", join(folder, "trial")], message);
}, 120_000);

it("an experiment's new names, before hours of recording", async () => {
  const work = ["experiment", "--count", "4", "--contexts", "none", "--steps", "2", "--new-names", none];
  await refusedAlike(work, ["--out", join(folder, "results")], /no\.csv cannot be read/);
  expect(existsSync(join(folder, "results", "manifest.json"))).toBe(false);
}, 60_000);
