/** The pure parts of the views that turn values into text: word diff, numbers, CSV. */
import { describe, expect, it } from "vitest";
import { csv, csvCell } from "../../src/webview/text/csv.ts";
import {
  count,
  decimals,
  direction,
  duration,
  fixed,
  outOf,
  percent,
  signed,
  threeDigits,
} from "../../src/webview/text/format.ts";
import { type Segment, wordDiff } from "../../src/webview/text/wordDiff.ts";

const join = (segments: readonly Segment[]) => segments.map((segment) => segment.text).join("");
const marked = (segments: readonly Segment[], mark: Segment["mark"]) =>
  segments.filter((segment) => segment.mark === mark).map((segment) => segment.text);

describe("wordDiff", () => {
  it("marks the labels, the changed words, and leaves the rest quiet", () => {
    const { before, after } = wordDiff("male. Age: 34. He likes chess.", "female. Age: 34. She likes chess.", [
      "male",
      "female",
    ]);
    expect(marked(before, "label")).toEqual(["male"]);
    expect(marked(after, "label")).toEqual(["female"]);
    expect(marked(before, "changed")).toEqual(["He"]);
    expect(marked(after, "changed")).toEqual(["She"]);
    expect(marked(after, "same").join("")).toBe(". Age: 34.  likes chess.");
  });

  it("gives both texts back unchanged, whatever is in them", () => {
    const texts = [
      "",
      " ",
      "a",
      "a b",
      "b a",
      "a b c d",
      "d  c\n\nb a",
      "Zoë’s <b>x</b>",
      "Zoe\u0308 👩‍🚀 ok",
      "34.5,— “quoted”",
    ];
    for (const a of texts) {
      for (const b of texts) {
        const diff = wordDiff(a, b, ["a"]);
        expect(join(diff.before)).toBe(a);
        expect(join(diff.after)).toBe(b);
      }
    }
  });

  it("marks nothing when nothing changed", () => {
    const { before, after } = wordDiff("She likes chess.", "She likes chess.");
    expect([...before, ...after].every((segment) => segment.mark === "same")).toBe(true);
  });

  it("keeps the common words around an insertion", () => {
    const { before, after } = wordDiff("a quick fox", "a very quick red fox");
    expect(marked(before, "changed")).toEqual([]);
    expect(marked(after, "changed")).toEqual(["very", "red"]);
  });

  it("joins a run of changed words with the space between them", () => {
    const { after } = wordDiff("lives in Leeds", "lives far away now");
    expect(marked(after, "changed")).toEqual(["far away now"]);
  });

  it("finds a label whatever its case, but not inside another word", () => {
    const { before } = wordDiff("Male or female males", "x", ["male", "female"]);
    expect(marked(before, "label")).toEqual(["Male", "female"]);
  });

  it("stays quick on long texts", () => {
    const long = (word: string) => Array.from({ length: 5000 }, (_, i) => `${word}${i}`).join(" ");
    const { before, after } = wordDiff(`same ${long("a")} end`, `same ${long("b")} end`);
    expect(before[0]).toEqual({ text: "same ", mark: "same" });
    expect(after.at(-1)).toEqual({ text: " end", mark: "same" });
  });
});

describe("numbers", () => {
  it("writes per cent with the same digits, and tells almost from quite", () => {
    expect([0, 0.0001, 0.0005, 0.5, 0.9731, 0.99951, 1].map((p) => percent(p))).toEqual([
      "0.0\u2009%",
      "<\u20090.1\u2009%",
      "0.1\u2009%",
      "50.0\u2009%",
      "97.3\u2009%",
      ">\u200999.9\u2009%",
      "100.0\u2009%",
    ]);
    expect(percent(0.254, 0)).toBe("25\u2009%");
    expect(percent(Number.NaN)).toBe("–");
  });

  it("writes signs with a true minus, and none on zero", () => {
    expect([5.24, -12.7, 0, -0.04].map((value) => signed(value))).toEqual(["+5.2", "−12.7", "0.0", "0.0"]);
    expect(fixed(-0.001, 2)).toBe("0.00");
    expect(fixed(Number.POSITIVE_INFINITY, 2)).toBe("–");
  });

  it("knows how many decimals a step or a size needs", () => {
    expect([5, 2.5, 0.5, 0.25, 0.05, 0.1, 100].map(decimals)).toEqual([0, 1, 1, 2, 2, 1, 0]);
    expect([0.0042, 0.41, 1, 31.2, 420, 0].map(threeDigits)).toEqual([5, 3, 2, 1, 0, 0]);
  });

  it("groups thousands", () => {
    expect([0, 999, 1000, 1234567].map(count)).toEqual(["0", "999", "1,000", "1,234,567"]);
    expect(outOf(995, 1000)).toBe("995 of 1,000");
  });

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

  it("writes directions with an arrow", () => {
    expect(direction("female", "male")).toBe("female→male");
  });
});

describe("CSV", () => {
  it("quotes what would break a row", () => {
    expect(
      csv(
        ["name", "n"],
        [
          ['Ann "Nan", Lee', 1],
          ["two\nlines", 2],
        ],
      ),
    ).toBe('name,n\r\n"Ann ""Nan"", Lee",1\r\n"two\nlines",2\r\n');
  });

  it("disarms texts that a spreadsheet would run, and only those", () => {
    for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", "\n=1"]) {
      expect(csvCell(formula).replace(/^"/, "")).toMatch(/^'/);
    }
    expect(csvCell("Anne-Marie")).toBe("Anne-Marie");
    expect(csvCell("x=1")).toBe("x=1");
  });

  it("leaves numbers numbers, negative ones too", () => {
    expect(csvCell(-5.25)).toBe("-5.25");
    expect(csvCell(true)).toBe("true");
  });
});
