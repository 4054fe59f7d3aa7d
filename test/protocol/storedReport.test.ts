/** Reports written before the directions were called plus and minus: the shipped one of that time, cut short. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import { report } from "../../src/protocol/results.ts";
import { storedReport } from "../../src/protocol/storedReport.ts";
import { embeddedPath, readFixture } from "../support/fixtures.ts";

const rate = (changed: number) => ({ changed, total: 200 });
const fixture = () => readFixture<{ transfer: Record<string, unknown>[] }>("reportOfVersion1.json");

it("an older report is read as one of this version", () => {
  const old = fixture();
  expect(v.safeParse(report, old).success).toBe(false);
  const read = v.parse(storedReport, old);
  expect(v.parse(report, read)).toEqual(read);
  expect(read.transfer.map(({ vector }) => vector)).toEqual(["concept", "random", "meanDifference"]);
  const both = {
    plus: { changed: { count: 83, total: 200 }, stayed: { count: 200, total: 200 } },
    minus: { changed: { count: 79, total: 200 }, stayed: { count: 200, total: 200 } },
  };
  expect(read.transfer[0]).toEqual({ vector: "concept", scale: 0.25, ...both, byFirstWord: both, failures: [] });
});

it("no rate of an older report ends in another's place, and what else a row says is kept", () => {
  const old = fixture();
  const [, random] = old.transfer;
  const failures = [{ name: "Kim", sign: -1, completion: " male" }];
  const four = { femaleToMale: rate(1), maleStaysMale: rate(2), maleToFemale: rate(3), femaleStaysFemale: rate(4) };
  const row = { ...random, ...four, byFirstWord: undefined, others: { plus: rate(5), minus: rate(6) }, failures };
  const [read] = v.parse(storedReport, { ...old, transfer: [row] }).transfer;
  const count = (value: number) => ({ count: value, total: 200 });
  expect(read).toEqual({
    vector: "random",
    seed: random?.seed,
    scale: random?.scale,
    plus: { changed: count(1), stayed: count(2) },
    minus: { changed: count(3), stayed: count(4) },
    others: { plus: count(5), minus: count(6) },
    failures,
  });
});

it("a row of neither kind is refused", () => {
  const old = fixture();
  const { femaleToMale: _, ...row } = old.transfer[0] as { femaleToMale: unknown };
  expect(v.safeParse(storedReport, { ...old, transfer: [row] }).success).toBe(false);
});

it("the shipped report is of this version", () => {
  const shipped = JSON.parse(readFileSync(join(embeddedPath, "experiment", "report.json"), "utf8"));
  expect(v.parse(report, shipped)).toEqual(shipped);
});
