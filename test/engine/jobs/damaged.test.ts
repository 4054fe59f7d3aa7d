/** Merged results that were damaged afterwards are told with the file, not called merged; changed names with what to do. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { rome, temporaryFolder } from "../../support/fixtures.ts";

let folder: string;
let merged: string;
const work = ["--contexts", "none", "--steps", "2"];
const on = ["--on", "command", "--shards", "2", "--", "for n in 1 2; do ROME_SHARD=$n {script}; done"];

beforeAll(async () => {
  folder = await temporaryFolder();
  merged = join(folder, "merged");
  const { stdout } = await rome("record", "--count", "6", ...work, "--out", merged, ...on);
  expect(stdout).toMatch(/merge {4}done\nresults {2}merged/);
}, 60_000);

it("a file that is cut, broken or gone is named, with what to do", async () => {
  const cases: [string, (file: (name: string) => string) => void, RegExp][] = [
    ["cut", (file) => truncateSync(file("deltas.safetensors"), 5000), /deltas\.safetensors is damaged.*copy/],
    ["gone", (file) => rmSync(file("deltas.safetensors")), /deltas\.safetensors is missing\. Restore a copy/],
    [
      "short",
      (file) => writeFileSync(file("records.jsonl"), ""),
      /records\.jsonl is damaged: it has 0 records, not 6\./,
    ],
  ];
  for (const [name, damage, message] of cases) {
    const out = join(folder, name);
    cpSync(merged, out, { recursive: true });
    damage((file) => join(out, file));
    const { code, stderr, stdout } = await rome("jobs", out);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([1, ""]);
  }
  const out = join(folder, "broken");
  cpSync(merged, out, { recursive: true });
  const [first, ...rest] = readFileSync(join(out, "records.jsonl"), "utf8").split("\n");
  writeFileSync(join(out, "records.jsonl"), [`${first}x`, ...rest].join("\n"));
  expect((await rome("analyze", out)).stderr).toMatch(/records\.jsonl, line 1 is damaged: .*Restore a copy/);
}, 60_000);

it("names that changed since are told with what to do", async () => {
  const names = join(folder, "names.csv");
  writeFileSync(names, "name,gender\nAnna,female\nBen,male\n");
  const out = join(folder, "changed");
  const record = ["record", "--names", names, ...work, "--out", out];
  expect((await rome(...record, "--prepare")).code).toBe(0);
  writeFileSync(names, "name,gender\nAnna,female\nTom,male\n");
  const { stderr } = await rome(...record, "--shard", "1/2");
  expect(stderr).toMatch(/another names\. Give it the names as they were .*or record into another folder/);
}, 60_000);
