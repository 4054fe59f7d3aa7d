/** `rome lens` and `rome attribute` as a user runs them: their JSON is the documented one. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { attribution } from "../../src/protocol/attribution.ts";
import { lens } from "../../src/protocol/lens.ts";
import { rome, romeWith, temporaryFolder } from "../support/fixtures.ts";

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
    const rows = readFileSync(files[0], "utf8").trimEnd().split(/\r?\n/);
    expect(rows[0]).toMatch(/^side,layer,position.*klChange$/);
    expect(Number(rows.at(-1)!.split(",").at(-1))).toBe(looked.change!.at(-1)!.at(-1)!.kl);
    expect(readFileSync(files[1], "utf8")).toMatch(/^<svg/);
    // Again over its own files, but not over another's.
    expect((await rome("lens", prompt, ...outs)).code).toBe(0);
    writeFileSync(files[0], "mine");
    expect((await rome("lens", prompt, ...outs)).code).not.toBe(0);
    expect(readFileSync(files[0], "utf8")).toBe("mine");
  });

  it("shows in the terminal what it looks at: words, rank, entropy, KL, and what edits change", async () => {
    const edit = join(await temporaryFolder(), "ben.romedit");
    expect((await rome("flip", "Ben", "--save", edit)).code).toBe(0);
    const { stdout } = await rome("lens", prompt, "--word", " female", "--edits", edit);
    // Above the last layer, before and after; below what moved, or the word.
    expect(stdout).toMatch(/^The logit lens: likeliest word by layer and token, before\n.*\n +5 .*␣male > 99 %\n/);
    expect(stdout).toMatch(/\nWith the edits\n.*\n +5 .*␣female > 99 %\n/);
    expect(stdout).toMatch(/\nChanged: KL.*\n.*\n +5 .*␣male → ␣female\n(.*\n){4} +0( +0\.00){6}\n/);
    expect(stdout).toMatch(/KL\(after ‖ before\)\n +layer +entropy +KL +rank +P +→ +entropy +KL +rank +P +changed\n/);
    expect(stdout).toMatch(/\n +5 +0\.\d\d +0\.00 +2 +0\.\d % +→ +0\.\d\d +0\.00 +1 +99\.\d % +[5-9]\.\d\d\n/);
    const grid = async (...flags: string[]) => (await rome("lens", prompt, ...flags)).stdout;
    expect(await grid("--show", "kl")).toMatch(/KL to the output in nats by layer and token\n.*\n +5( +0\.00){6}\n/);
    expect(await grid("--show", "entropy")).toMatch(/: entropy in nats by/);
    expect(await grid("--show", "rank", "--word", " male")).toMatch(/: rank of the word by.*\n.*\n +5 .* 1\n/);
  });

  it("fits the Jacobian lens once, keeps it, and says what it rests on", async () => {
    const storage = await temporaryFolder();
    const run = (...flags: string[]) => romeWith({ XDG_CACHE_HOME: storage }, "lens", prompt, ...flags);
    const fitting = ["--kind", "jacobian", "--rank", "16", "--tokens", "100"];
    const first = v.parse(lens, JSON.parse((await run(...fitting, "--json")).stdout));
    expect(first.kind).toBe("jacobian");
    expect(first.fit).toMatchObject({ text: "corpus.txt of the model", rank: 16, width: 256 });
    const again = await run(...fitting);
    expect(again.stdout).toMatch(/The jacobian lens: likeliest word/);
    expect(again.stdout).toMatch(
      /fit {5}\d+ tokens of corpus\.txt of the model, along 16 of 256 directions; on \d+ other/,
    );
    // Without these flags it is the default fit, and the other one stays.
    const standard = v.parse(lens, JSON.parse((await run("--kind", "jacobian", "--json")).stdout));
    expect(standard.fit!.rank).toBe(256);
    const kept = v.parse(lens, JSON.parse((await run(...fitting, "--json")).stdout));
    expect(kept.fit).toEqual(first.fit);
  });

  it("refuses in words", async () => {
    expect((await rome("lens", prompt, "--tokens", "9")).stderr).toMatch(/Add --kind jacobian/);
    expect((await rome("lens", prompt, "--kind", "jacobian", "--text", "nowhere.txt")).stderr).toMatch(/nowhere.txt/);
    expect((await rome("lens", prompt, "--show", "rank")).stderr).toMatch(/Name it with --word/);
    const bad = await rome("lens", prompt, "--kind", "tuned");
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/--kind takes logit/);
    expect((await rome("lens")).stderr).toMatch(/prompt is empty/);
  });
});

describe("rome attribute", () => {
  it("prints the documented JSON, whose parts add up, before and after an edit, and writes table and picture", async () => {
    const folder = await temporaryFolder();
    const edit = join(folder, "ben.romedit");
    expect((await rome("flip", "Ben", "--save", edit)).code).toBe(0);
    const files = [join(folder, "parts.csv"), join(folder, "parts.svg")] as const;
    const flags = ["--edits", edit, "--pattern", "4.1", ...files.flatMap((file) => ["--out", file])];
    const { code, stdout } = await rome("attribute", prompt, ...flags, "--json");
    expect(code).toBe(0);
    const found = v.parse(attribution, JSON.parse(stdout));
    expect(found.targets.map(({ token }) => token)).toEqual([" female", " male"]);
    expect(found.difference).toBeLessThan(0);
    expect(found.after!.difference).toBeGreaterThan(0);
    for (const { difference, embedding, layers, rest } of [found, found.after!]) {
      const parts = layers.reduce((sum, { attention, mlp }) => sum + attention + mlp, embedding + rest);
      expect(parts).toBeCloseTo(difference, 3);
    }
    expect(found.pattern!.before.length).toBe(found.tokens.length);
    const table = readFileSync(files[0], "utf8");
    expect(table).toMatch(/^side,layer,part,head,position,token,share\r?\n/);
    expect(table).toMatch(/^before,4,head from,1,2,\S* ?Ben/m);
    expect(readFileSync(files[1], "utf8")).toMatch(/^<svg/);
    expect((await rome("attribute", prompt, ...flags)).stdout).toMatch(/the edits' \+.*head \d\.\d \+\d.* from ␣Ben/);
  });

  it("refuses in words", async () => {
    expect((await rome("attribute", prompt, "--targets", " a")).stderr).toMatch(/takes two words, not 1/);
    expect((await rome("attribute", prompt, "--pattern", "4")).stderr).toMatch(/a layer and a head, such as 4.1/);
    const none = await rome("attribute", prompt, "--pattern", "4.9", "--json");
    expect(none.code).toBe(2);
    expect(JSON.parse(none.stdout).error.message).toMatch(/no head 4\.9/);
  });
});

describe("rome steer", () => {
  it("takes its prompt by place, says of which word it tells, and what it replaces", async () => {
    const file = join(await temporaryFolder(), "ben.romedit");
    const flags = ["--scale", "-1", "--max-tokens", "3", "--save", file];
    const first = await rome("steer", prompt, ...flags);
    expect(first.stdout).toMatch(/proof {3}P\(" female"\) 0\.\d % before/);
    expect(first.stderr).toMatch(/Saved in .*ben\.romedit\.\n/);
    expect((await rome("steer", "--prompt", prompt, ...flags)).stderr).toMatch(
      /ben\.romedit, in place of what it held/,
    );
    expect((await rome("flip", "Ani", "--save", file)).stderr).toMatch(/ben\.romedit, in place of what it held/);
  });

  it("refuses in words", async () => {
    expect((await rome("steer", prompt, "--prompt", prompt)).stderr).toMatch(/Two prompts are given/);
    expect((await rome("steer")).stderr).toMatch(/prompt is empty/);
    expect((await rome("steer", prompt, "--scale", "0")).stderr).toMatch(/--scale 0 adds nothing/);
    expect((await rome("steer", "Once upon", "--at", "name")).stderr).toMatch(
      /--name\), or choose all tokens \(--at all/,
    );
  });

  it("shows the controls of what it prints, and does not send them", async () => {
    const { stdout } = await rome("complete", "--prompt", "Name: \u001b[2JBen. Gender:", "--max-tokens", "1");
    expect(stdout).toMatch(/^Name: <1B>\[2JBen/);
  });
});
