import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { type Cell, csv } from "../../src/text/csv.ts";

/** One cell as it is written. */
const csvCell = (cell: Cell) => csv(["h"], [[cell]]).slice("h\r\n".length, -"\r\n".length);

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

  it("leaves an empty cell where there is nothing", () => {
    expect(csv(["a", "b"], [[null, ""]])).toBe("a,b\r\n,\r\n");
  });

  it("quotes what some programs trim or cut at", () => {
    expect([" a", "a ", "a;b", "a\rb"].map(csvCell)).toEqual(['" a"', '"a "', '"a;b"', '"a\rb"']);
  });

  it("is read back with every text and number, a formula with its apostrophe", () => {
    const rows = [
      ["Ann, Lee", 0, -0],
      ['"', 0.99996, 1e-300],
      ["a\r\nb", Number.MAX_SAFE_INTEGER, -5],
      ["=cmd()", 0.1 + 0.2, 1],
      ["Zoë 👩‍🚀", 1e21, 2],
    ];
    const [, ...read] = parse(csv(["name", "a", "b"], rows), { record_delimiter: "\r\n" });
    expect(read.map(([name, a, b]) => [name, Number(a), Number(b)])).toEqual([
      ["Ann, Lee", 0, 0],
      ['"', 0.99996, 1e-300],
      ["a\r\nb", Number.MAX_SAFE_INTEGER, -5],
      ["'=cmd()", 0.1 + 0.2, 1],
      ["Zoë 👩‍🚀", 1e21, 2],
    ]);
  });
});
