import { describe, expect, it } from "vitest";
import { type Segment, wordDiff } from "../../src/text/wordDiff.ts";

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
