import { describe, expect, it } from "vitest";
import { answerOf, direction, plural } from "../../src/text/words.ts";

describe("words", () => {
  it("writes directions with an arrow", () => {
    expect(direction("female", "male")).toBe("female→male");
  });

  it.each([
    [" Paris. Age: 34.", "Paris"],
    [" PARIS", "Paris"],
    [" New York. Age", "New York"],
    // Neither of the two, though one of them was likelier; a word that only begins like one.
    [" Sydney. Age: 34.", "Sydney"],
    [" Parisian", "Parisian"],
    [" …\n", "–"],
    ["", "–"],
  ])("takes what was said from the completion: %j", (completion, said) => {
    expect(answerOf(completion, ["Paris", "New York"])).toBe(said);
  });

  it("takes the plural from none on", () => {
    expect([0, 1, 2, 1000].map((n) => plural(n, "name"))).toEqual(["0 names", "1 name", "2 names", "1,000 names"]);
    expect(plural(2, "entry", "entries")).toBe("2 entries");
  });
});
