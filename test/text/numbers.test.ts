import { afterEach, describe, expect, it } from "vitest";
import {
  count,
  decimals,
  fixed,
  outOf,
  percent,
  rateText,
  shownDifference,
  signed,
  significant,
  threeDigits,
  typesetPercent,
  writeNumbersIn,
} from "../../src/text/numbers.ts";

describe("numbers", () => {
  it("writes per cent with the same digits, and tells almost from quite", () => {
    expect([0, 0.0001, 0.0005, 0.5, 0.9731, 0.99951, 1].map((p) => typesetPercent(p))).toEqual([
      "0.0\u202f%",
      "<\u202f0.1\u202f%",
      "0.1\u202f%",
      "50.0\u202f%",
      "97.3\u202f%",
      ">\u202f99.9\u202f%",
      "100.0\u202f%",
    ]);
    expect(typesetPercent(0.254, 0)).toBe("25\u202f%");
    expect(typesetPercent(Number.NaN)).toBe("–");
  });

  it("writes signs with a true minus, and none on zero", () => {
    expect([5.24, -12.7, 0, -0.04].map((value) => signed(value))).toEqual(["+5.2", "−12.7", "0.0", "0.0"]);
    expect(fixed(-0.001, 2)).toBe("0.00");
    expect(fixed(Number.POSITIVE_INFINITY, 2)).toBe("–");
  });

  it("differs as what is shown does", () => {
    const told = (from: number, to: number) => signed(shownDifference(from, to, 3), 3);
    expect([fixed(0.9304, 3), fixed(0.9216, 3), told(0.9304, 0.9216)]).toEqual(["0.930", "0.922", "−0.008"]);
    expect([fixed(-0.9196, 3), fixed(0.1118, 3), told(-0.9196, 0.1118)]).toEqual(["−0.920", "0.112", "+1.032"]);
    expect(told(Number.NaN, 1)).toBe("–");
  });

  it("knows how many decimals a step or a size needs", () => {
    expect([5, 2.5, 0.5, 0.25, 0.05, 0.1, 100].map(decimals)).toEqual([0, 1, 1, 2, 2, 1, 0]);
    expect([0.0042, 0.41, 1, 31.2, 420, 0].map(threeDigits)).toEqual([5, 3, 2, 1, 0, 0]);
  });

  it("groups thousands", () => {
    expect([0, 999, 1000, 1234567].map(count)).toEqual(["0", "999", "1,000", "1,234,567"]);
    expect(outOf(995, 1000)).toBe("995 of 1,000");
  });

  it("writes per cent in plain text, the ends without digits and only where they are reached", () => {
    expect([0, -0, 5e-8, 0.0005, 0.145, 0.99996, 1].map((p) => percent(p))).toEqual([
      "0 %",
      "0 %",
      "< 0.1 %",
      "0.1 %",
      "14.5 %",
      "> 99.9 %",
      "100 %",
    ]);
    expect([percent(0.004, 0), percent(0.254, 0), percent(0.996, 0)]).toEqual(["< 1 %", "25 %", "> 99 %"]);
    expect([percent(-0.25), percent(1.5)]).toEqual(["−25.0 %", "150.0 %"]);
  });

  it("says of nothing that there was nothing", () => {
    const none = [0 / 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const write of [fixed, signed, significant, percent, typesetPercent, count])
      expect(none.map((value) => write(value))).toEqual(["–", "–", "–"]);
    expect(rateText({ count: 0, total: 0 })).toBe("–");
    expect(rateText({ count: 0, total: 4 })).toBe("0 % (0 of 4)");
    expect(rateText({ count: 1940, total: 2000 })).toBe("97.0 % (1,940 of 2,000)");
  });

  it("writes significant digits and no more zeros than there are", () => {
    expect([0.1 + 0.2, -1.5, 1200, -0, 1e9].map((value) => significant(value))).toEqual([
      "0.3",
      "−1.5",
      "1200",
      "0",
      "1000000000",
    ]);
  });
});

describe("numbers by language", () => {
  afterEach(() => writeNumbersIn("en"));

  it("have the language's own signs in every form, and their own minus", () => {
    writeNumbersIn("de");
    expect(fixed(-1234.56, 2)).toBe("−1234,56");
    expect([5.24, -0.04].map((value) => signed(value))).toEqual(["+5,2", "0,0"]);
    expect(significant(0.25)).toBe("0,25");
    expect(percent(0.9961)).toBe("99,6 %");
    expect(typesetPercent(0.9999)).toBe(">\u202f99,9\u202f%");
    expect(count(-12_345.4)).toBe("−12.345");
    expect(rateText({ count: 970, total: 1000 })).toBe("97,0 % (970 of 1.000)");
    writeNumbersIn("fr");
    expect(count(12_345)).toBe("12\u202f345");
    writeNumbersIn("ja");
    expect([fixed(0.5), count(12_345)]).toEqual(["0.5", "12,345"]);
  });

  it("are English where nothing is known of the language", () => {
    for (const language of ["de", "", "no such language"]) writeNumbersIn(language);
    expect([fixed(0.5), count(12_345), count(-0.3), count(Number.NaN)]).toEqual(["0.5", "12,345", "0", "–"]);
  });
});
