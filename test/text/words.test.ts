import { describe, expect, it } from "vitest";
import { direction, plural } from "../../src/text/words.ts";

describe("words", () => {
  it("writes directions with an arrow", () => {
    expect(direction("female", "male")).toBe("female→male");
  });

  it("takes the plural from none on", () => {
    expect([0, 1, 2, 1000].map((n) => plural(n, "name"))).toEqual(["0 names", "1 name", "2 names", "1,000 names"]);
    expect(plural(2, "entry", "entries")).toBe("2 entries");
  });
});
