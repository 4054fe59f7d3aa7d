/** A cancelled trial keeps what it made, goes on from there, and has the card of one that was never stopped. */
import { existsSync } from "node:fs";
import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { referee } from "../../../src/engine/tasks/referee.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { constructionNames } from "../../../src/protocol/referee.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const settings = { names: 12, others: 4, records: 4, universal: 2, controls: 2, permutations: 10, collateral: 2 };
const only = ["readable", "newNames"] as const;

async function engineFor(folder: string) {
  const assetsFolder = join(import.meta.dirname, "../../..");
  return Engine.create({ model: "embedded", assetsFolder, storageFolder: folder });
}

/** A copy of the shipped data set. */
async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(embeddedPath, "experiment"), folder, { recursive: true });
  return folder;
}

/** A trial that is stopped at some place, if at any. */
function trial(engine: Engine, folder: string, stopsAt: (told: Progress) => boolean = () => false) {
  const stopped = new AbortController();
  const progress = (told: Progress) => {
    if (stopsAt(told)) stopped.abort();
  };
  return referee(engine, { folder, settings, only }, { signal: stopped.signal, progress });
}

const kept = async (folder: string) =>
  (await readdir(join(folder, "referee"))).filter((name) => name.endsWith(".json"));
const bytes = (folder: string) => readFile(join(folder, "referee", "card.json"), "utf8");

it("goes on with the pieces that are kept, to the same card", async () => {
  const folder = await newFolder();
  const engine = await engineFor(folder);
  // In the middle of the comparison, which is the longest part: each vector is kept by itself.
  const oneIsCompared = () => existsSync(join(folder, "referee", "compared-sign.json"));
  await expect(trial(engine, folder, oneIsCompared)).rejects.toMatchObject({ reason: "cancelled" });
  expect((await kept(folder)).filter((name) => name.startsWith("compared-"))).toHaveLength(1);
  await expect(trial(engine, folder, ({ phase }) => phase === "newNames")).rejects.toMatchObject({
    reason: "cancelled",
  });
  const vectors = constructionNames.map((name) => `compared-${name}.json`);
  const pieces = [...vectors, "random.json", "readable-sign-3.json", "universal.json", "universalBox.json"].sort();
  expect((await kept(folder)).sort()).toEqual(pieces);
  const made = async () => Promise.all(pieces.map(async (name) => (await stat(join(folder, "referee", name))).mtimeMs));
  const before = await made();
  await trial(engine, folder);
  expect(await made()).toEqual(before);
  expect((await kept(folder)).sort()).toEqual(["card.json", "newNames-sign-2.json", ...pieces].sort());

  // Another folder, never stopped: the same data and seed give the same card, byte for byte.
  const other = await newFolder();
  await trial(engine, other);
  expect(await bytes(other)).toBe(await bytes(folder));
  // Asked for one check, the card still tells what was made before.
  const card = await referee(engine, { folder, settings, only: ["readable"] }, quietRun());
  expect(card.checks.map(({ id }) => id)).toEqual(only);
  expect(card.skipped).not.toContain("newNames");
  expect(await bytes(folder)).toBe(await bytes(other));
  // What is worded in other languages is for the lab alone.
  expect(await bytes(folder)).not.toMatch(/"says"|"sentences"/);
});

it("makes anew what rests on another classifier, and keeps nothing of the old one", async () => {
  const folder = await newFolder();
  const engine = await engineFor(folder);
  const before = await trial(engine, folder);
  const path = join(folder, "classifier.json");
  const classifier = JSON.parse(await readFile(path, "utf8"));
  classifier.weights = classifier.weights.map((weight: number, i: number) => (i % 2 === 0 ? -weight : weight));
  await writeFile(path, JSON.stringify(classifier));
  const after = await trial(engine, folder);
  const cosineOf = ({ vectors }: typeof before) => vectors.find(({ name }) => name === "meanDifference")?.cosine ?? 0;
  expect(cosineOf(before)).toBeGreaterThan(0.9);
  expect(Math.abs(cosineOf(after))).toBeLessThan(0.5);
});
