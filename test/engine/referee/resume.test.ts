/** A cancelled trial keeps what it made, goes on from there, and has the card of one that was never stopped. */
import { cp, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { referee } from "../../../src/engine/tasks/referee.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const settings = { names: 12, others: 4, records: 4, universal: 2, controls: 2, permutations: 10, collateral: 2 };
const only = ["readable", "newNames"] as const;

async function engineFor(folder: string) {
  const assetsFolder = join(import.meta.dirname, "../../..");
  return Engine.create({ model: "embedded", assetsFolder, storageFolder: folder, arena: true });
}

/** A copy of the shipped data set. */
async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(embeddedPath, "experiment"), folder, { recursive: true });
  return folder;
}

/** A trial that is stopped when it comes to a part, if to any. */
function trial(engine: Engine, folder: string, stopAt?: string) {
  const stopped = new AbortController();
  const progress = ({ phase }: Progress) => {
    if (phase === stopAt) stopped.abort();
  };
  return referee(engine, { folder, settings, only }, { signal: stopped.signal, progress });
}

const kept = async (folder: string) =>
  (await readdir(join(folder, "referee"))).filter((name) => name.endsWith(".json"));
const bytes = (folder: string) => readFile(join(folder, "referee", "card.json"), "utf8");

it("goes on with the pieces that are kept, to the same card", async () => {
  const folder = await newFolder();
  const engine = await engineFor(folder);
  await expect(trial(engine, folder, "newNames")).rejects.toMatchObject({ reason: "cancelled" });
  const pieces = ["readable-sign-2.json", "universal.json", "universalBox.json", "vectors-sign.json"];
  expect((await kept(folder)).sort()).toEqual(pieces);
  const made = async () => Promise.all(pieces.map(async (name) => (await stat(join(folder, "referee", name))).mtimeMs));
  const before = await made();
  await trial(engine, folder);
  expect(await made()).toEqual(before);
  expect((await kept(folder)).sort()).toEqual(["card.json", "newNames-sign-2.json", ...pieces]);

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
