import { expect, it } from "vitest";
import { printable, printableLines, visibleControls } from "../../src/text/printable.ts";

it("what a terminal would obey is written out", () => {
  expect(printable("a\x1b[2Jb")).toBe("a\\u001b[2Jb");
  expect(printable("\x9b31m\x7f\0\x07")).toBe("\\u009b31m\\u007f\\u0000\\u0007");
  expect(printable("two\r\nlines\tx\u2028y")).toBe("two\\r\\nlines\\tx\\u2028y");
  expect(printable("\u202egpj.exe\u2066")).toBe("\\u202egpj.exe\\u2066");
});

it("all other text is left as it is", () => {
  for (const text of ["", "Zoë’s “Name”: {}", "👩‍🚀 \u0308", "= \\n '\"", "日本"]) expect(printable(text)).toBe(text);
});

it("lines stay lines where there may be some", () => {
  expect(printableLines("a\n\x1bb\r\n")).toBe("a\n\\u001bb\\r\n");
});

it("shows the controls of many lines, and leaves lines and tabs", () => {
  expect(visibleControls("a\u001b[2J\r\u0000\u007f\u009b\n\tü ␣ → 😀")).toBe("a<1B>[2J<0D><00><7F><9B>\n\tü ␣ → 😀");
});
