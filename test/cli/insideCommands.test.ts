/** `rome lens` as a user runs it: its JSON is the documented one. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { lens } from "../../src/protocol/lens.ts";
import { rome, temporaryFolder } from "../support/fixtures.ts";

const prompt = "Name: Ben. Gender:";

describe("rome lens", () => {
  it("prints the documented JSON, before and after an edit, and writes table and picture", async () => {
    const folder = await temporaryFolder();
    const edit = join(folder, "ben.romedit");
    expect((await rome("flip", "Ben", "--save", edit)).code).toBe(0);
    const files = [join(folder, "lens.csv"), join(folder, "lens.svg")] as const;
    const flags = ["--word", " female", "--edits", edit, "--top", "3"];
    const outs = files.flatMap((file) => ["--out", file]);
    const { code, stdout } = await rome("lens", prompt, ...flags, ...outs, "--json");
    expect(code).toBe(0);
    const looked = v.parse(lens, JSON.parse(stdout));
    expect(looked.tokens.join("")).toBe(prompt);
    expect(looked.cells.length).toBe(6);
    expect(
      looked.cells
        .at(-1)!
        .at(-1)!
        .top.map(({ token }) => token)
        .slice(0, 2),
    ).toEqual([" male", " female"]);
    expect(looked.after!.at(-1)!.at(-1)!.top[0]!.token).toBe(" female");
    expect(readFileSync(files[0], "utf8")).toMatch(/^side,layer,position/);
    expect(readFileSync(files[1], "utf8")).toMatch(/^<svg/);
    // Again over its own files, but not over another's.
    expect((await rome("lens", prompt, ...outs)).code).toBe(0);
    writeFileSync(files[0], "mine");
    expect((await rome("lens", prompt, ...outs)).code).not.toBe(0);
    expect(readFileSync(files[0], "utf8")).toBe("mine");
  });

  it("refuses in words", async () => {
    const bad = await rome("lens", prompt, "--kind", "tuned");
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/--kind takes logit/);
    expect((await rome("lens")).stderr).toMatch(/prompt is empty/);
  });
});
