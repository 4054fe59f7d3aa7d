import { describe, expect, it } from "vitest";
import { byteCount, duration, roughly } from "../../src/text/amounts.ts";

describe("times", () => {
  it("writes times in words, never 60 of anything", () => {
    expect([0.61, 9.94, 9.96, 59.4, 59.6, 125, 3599.7, 3780].map(duration)).toEqual([
      "0.6 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min 00 s",
      "2 min 05 s",
      "1 h 00 min",
      "1 h 03 min",
    ]);
  });

  it("writes a time that is only judged no finer than that", () => {
    expect([0.2, 7.6, 9.6, 43, 55, 183, 404, 3569, 3571, 6290, 8000].map(roughly)).toEqual([
      "1 s",
      "8 s",
      "10 s",
      "40 s",
      "1 min",
      "3 min",
      "7 min",
      "59 min",
      "1 h 00 min",
      "1 h 40 min",
      "2 h 10 min",
    ]);
    expect([Number.NaN, -1].map(roughly)).toEqual(["–", "–"]);
  });

  it("say nothing of a time that is none", () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, -1].map(duration)).toEqual(["–", "–", "–"]);
    expect([0, -0].map(duration)).toEqual(["0.0 s", "0.0 s"]);
  });
});

it("bytes are written in the unit that keeps them below a thousand", () => {
  expect([0, 1, 999, 1000, 999_949, 999_950, 13_849_000, 1e9, 1.1258999e15].map(byteCount)).toEqual([
    "0 B",
    "1 B",
    "999 B",
    "1.0 kB",
    "999.9 kB",
    "1.0 MB",
    "13.8 MB",
    "1.0 GB",
    "1125899.9 GB",
  ]);
  expect([Number.NaN, -1, Number.POSITIVE_INFINITY].map(byteCount)).toEqual(["–", "–", "–"]);
});
