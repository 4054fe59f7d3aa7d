/** What is known before an edit runs: tokens, lookup, kᵀu; and what is wrong in an experiment's files, line by line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ownConcept, parseConcept } from "../../src/engine/concept/concept.ts";
import { createApi } from "../../src/engine/server/api.ts";
import type { FlipOptions } from "../../src/protocol/editOptions.ts";
import { fixturePath, rome, temporaryFolder } from "../support/fixtures.ts";

const assetsFolder = join(import.meta.dirname, "../..");
const call = { signal: new AbortController().signal, progress: () => {} };
const open = async (model = "embedded") => createApi({ model, assetsFolder, storageFolder: await temporaryFolder() });

const gender = parseConcept(readFileSync(join(assetsFolder, "data", "gender.json"), "utf8"), "gender.json");
const own = (template: string) => ownConcept(gender, { template });

describe("pre-flight", () => {
  it.each([
    ["embedded", { contexts: 5 }],
    ["embedded", { contexts: 5, key: "p-rome", covariance: "none" }],
    [fixturePath("checkpoints", "llama-fp16"), { contexts: 3 }],
  ] as [string, FlipOptions][])(
    "of %s with %j foretells the denominator that the edit then has",
    async (model, options) => {
      const engine = await open(model);
      const known = await engine.preflight({ name: "Ben", ...options }, call);
      const hyperParameters = { v_num_grad_steps: 1 };
      const [flip] = await engine.flip({ names: ["Ben"], ...options, hyperParameters, maxTokens: 1 }, call);
      expect(known.denominatorShare).toBeCloseTo(flip?.view.health.denominatorShare ?? Number.NaN, 6);
      expect(known).toMatchObject({
        layer: flip?.view.layer,
        covarianceTokens: flip?.view.covarianceTokens,
        contexts: options.contexts,
      });
      expect(known.tokens.join("")).toContain("Name: Ben. Gender:");
      expect(known.tokens.slice(known.subject[0], known.subject[1] + 1).join("")).toContain("Ben");
    },
  );

  it("shows where a name of several tokens is looked up, and that a prompt begins with it", async () => {
    const engine = await open();
    const known = await engine.preflight({ name: "Zbigniew", concept: own("{} is a"), contexts: "none" }, call);
    expect(known.subject[0]).toBe(0);
    expect(known.subject[1]).toBeGreaterThan(1);
    expect(known.tokens.slice(0, known.subject[1] + 1).join("")).toBe("Zbigniew");
    expect(() => own("nobody")).toThrow("{} exactly once");
    await expect(engine.preflight({ name: " " }, call)).rejects.toThrow("name is empty");
  });

  it("is what rome edit --dry-run tells, without an edit", async () => {
    const args = ["edit", "--prompt", "Name: {}. Gender:", "--subject", "Ben", "--target", " female", "--dry-run"];
    const { code, stdout } = await rome(...args);
    expect(code).toBe(0);
    expect(stdout).toContain("Name|:|[ Ben]|.| Gender|:");
    expect(stdout).toMatch(/kᵀu\/‖k‖ 0\.226, covariance over 10454 tokens/);
    expect(stdout).not.toContain("after");
    const { stdout: json } = await rome(...args, "--json");
    expect(JSON.parse(json).subject).toEqual([2, 2]);
  });
});

describe("targets", () => {
  const edit = (target: string) =>
    rome(
      "edit",
      "--prompt",
      "Name: {}. Gender:",
      "--subject",
      "Ben",
      "--contexts",
      "none",
      "--steps",
      "2",
      "--target",
      target,
    );

  it("that are empty are refused; one of forty tokens runs, or is refused in words", async () => {
    expect(await edit("")).toMatchObject({ code: 2, stderr: expect.stringMatching(/target/) });
    const long = await edit(" female and male".repeat(13));
    expect(long.stderr).not.toMatch(/\n\s+at /);
    expect(long.code).toBe(0);
    const far = await edit(" female and male".repeat(200));
    expect(far).toMatchObject({ code: 2, stderr: expect.stringMatching(/tokens.*at most|longer than/) });
  });
});

describe("the check of an experiment's files", () => {
  it("names the line of each problem in a names file", async () => {
    const engine = await open();
    const names = (text: string) => engine.check({ kind: "names", text }, call);
    expect(await names(readFileSync(join(assetsFolder, "data", "names.csv"), "utf8"))).toEqual([]);
    expect(await names("name,gender\nBen,male\nAnn,femal\n\nBen,male\n,male\n")).toEqual([
      {
        line: 3,
        message: 'the gender is "femal"; "female" or "male" is needed',
        meant: { from: "femal", to: "female" },
      },
      { line: 5, message: '"Ben" is already on line 2' },
      { line: 6, message: "the name is empty" },
    ]);
    expect(await names("who,what\nBen,male\n")).toMatchObject([
      { line: 1, message: expect.stringContaining("header name,gender") },
    ]);
    expect(await names('name,gender\nBen,"male\n')).toMatchObject([{ message: expect.stringContaining("quote") }]);
    expect(await names("")).toMatchObject([{ line: 1, message: expect.stringContaining("empty") }]);
  });

  it("refuses as a name what a flip refuses, and tells what other spellings of a gender mean", async () => {
    const engine = await open();
    const names = (text: string) => engine.check({ kind: "names", text }, call);
    expect(await names("name,gender\nB3n,male\nAnna Maria,female\n")).toEqual([
      { line: 2, message: expect.stringContaining('"B3n" is not a name') },
    ]);
    const [m, f, boy, unclear] = await names("name,gender\nBen,m\nAnna,F.\nKai,Boy\nLee,x\n");
    expect([m, f, boy].map((problem) => problem?.meant)).toEqual([
      { from: "m", to: "male" },
      { from: "F.", to: "female" },
      { from: "Boy", to: "male" },
    ]);
    expect(unclear).not.toHaveProperty("meant");
  });

  it("names the line of each problem in a concept file", async () => {
    const engine = await open();
    const text = readFileSync(join(assetsFolder, "data", "gender.json"), "utf8");
    const experiment = (changed: string) => engine.check({ kind: "experiment", text: changed }, call);
    expect(await experiment(text)).toEqual([]);
    const line = (needle: string) => text.slice(0, text.indexOf(needle)).split("\n").length;
    expect(await experiment(text.replace("{}", ""))).toMatchObject([
      { line: line('"prompt"'), message: expect.stringContaining("exactly once") },
    ]);
    expect(await experiment(text.replace('"vector"', '"vektor"'))).toHaveLength(2);
    expect(await experiment(text.slice(0, -4))).toMatchObject([{ message: expect.stringContaining("not valid JSON") }]);
  });
});
