/** A trial whose checks are made in shards has the card of one that was made at once. */
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { embeddedPath, rome, temporaryFolder } from "../../support/fixtures.ts";

const checks = ["readable", "stable"];
const few = ["--each", "24", "--records", "4", "--controls", "4", "--permutations", "10"];
const asked = [...few, ...checks.flatMap((id) => ["--only", id])];

it("checks made in shards are those of the whole trial", async () => {
  const folder = join(await temporaryFolder(), "data");
  cpSync(join(import.meta.dirname, "../../../models/embedded/experiment"), folder, { recursive: true });
  const alone = await rome("--json", "referee", folder, ...asked);
  expect(alone.code, alone.stderr).toBe(0);
  // The vectors are kept, which take the longest; the checks are made again.
  const kept = (id: string) => readdirSync(join(folder, "referee")).filter((name) => name.startsWith(`${id}-sign`));
  for (const id of checks) for (const name of kept(id)) rmSync(join(folder, "referee", name));
  const keep = join(await temporaryFolder(), "trial");
  const shard = (part: string) => rome("referee", folder, ...asked, "--keep", keep, "--shard", part);
  expect((await shard("2/2")).stdout).toMatch(/1 of 2 checks/);
  expect(kept("readable")).toEqual([]);
  expect((await shard("1/2")).stdout).toMatch(/1 of 2 checks/);
  const card = JSON.parse(alone.stdout);
  const pieces = [0, 1].map((step) => JSON.parse(readFileSync(join(keep, `pieces/00000${step}.json`), "utf8")));
  expect(pieces).toEqual(card.checks);
  expect((await rome("--json", "referee", folder, ...asked, "--keep", keep)).stdout).toBe(alone.stdout);
  expect(JSON.parse(readFileSync(join(keep, "result.json"), "utf8"))).toEqual(card);
});

it("a concept that the data is not about is refused in words", async () => {
  const concept = join(import.meta.dirname, "../../../docs/concepts/london-paris.json");
  const { code, stderr } = await rome("referee", join(embeddedPath, "experiment"), "--concept", concept, "--plan");
  expect(code).toBe(2);
  expect(stderr).toContain("is about female and male, the concept about London and Paris");
});
