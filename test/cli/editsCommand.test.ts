/** `rome edits`: what files hold, tried on the model, compared, joined and shortened; bad files in words. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/engine/checkpoint/tensorFile.ts";
import { readEditFile } from "../../src/engine/edits/editFile.ts";
import { cosine, fixturePath, rome, temporaryFolder } from "../support/fixtures.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const json = async (...args: string[]) => JSON.parse((await rome("edits", ...args, "--json")).stdout);

beforeAll(async () => {
  folder = await temporaryFolder();
  await rome("flip", "Ben", "Ani", "--save", at("two.romedit"));
  await rome("flip", "Ben", "--contexts", "none", "--save", at("bare.romedit"));
});

it("lists, joins and takes out again", async () => {
  const { model, edits } = await json("list", at("two.romedit"));
  expect(model.name).toBe("embedded");
  expect(edits.map(({ name }: { name: string }) => name)).toEqual(["Ben", "Ani"]);
  expect((await json("combine", at("two.romedit"), at("bare.romedit"), "--out", at("all.romedit"))).edits).toEqual([
    "Ben",
    "Ani",
    "Ben (2)",
  ]);
  expect((await json("undo", at("all.romedit"), "--name", "Ben")).edits).toEqual(["Ani", "Ben (2)"]);
  const { stdout } = await rome("edits", "list", at("all.romedit"));
  expect(stdout).toMatch(/^2 edits of embedded/);
  expect(stdout).toMatch(/Ben \(2\): Name: Ben\. Gender: → female {3}layer 2, P 0\.2 % → 99\.\d %, health good/);
});

it("compares two ways to the same edit", async () => {
  const { pairs, only } = await json("diff", at("two.romedit"), at("bare.romedit"));
  expect(pairs).toHaveLength(1);
  expect(pairs[0].deltaCosine).toBeGreaterThan(0.5);
  expect(pairs[0].deltaCosine).toBeLessThan(0.9999);
  expect(only).toEqual([["Ani"], []]);
});

it("tries all edits of a set together, on prompts of one's own, too", async () => {
  const trials = await json(
    "apply",
    at("two.romedit"),
    "--prompt",
    "Name: Ben. Gender:",
    "--prompt",
    "Name: Rosa. Gender:",
  );
  const [ben, rosa] = trials;
  expect(
    [ben.completions.before, ben.completions.with, ben.completions.removed].map((text) => text.split(".")[0]),
  ).toEqual([" male", " female", " male"]);
  expect(rosa.completions.with).toBe(rosa.completions.before);
  expect(ben.proof.hash).toBe(ben.proof.hashAfter);
});

it("writes a batch whose members hold together, and hold without one of them", async () => {
  const names = ["Ben", "Ani", "Carl", "Rosa"];
  const { edits } = await json("batch", ...names, "--out", at("batch.romedit"));
  expect(edits.map(({ method }: { method: string }) => method)).toEqual(names.map(() => "batch"));
  for (const { before, after } of edits)
    expect([before.probability < 0.1, after.probability > 0.9]).toEqual([true, true]);
  const left = await json("undo", at("batch.romedit"), "--name", "Carl");
  expect(left.edits).toEqual(["Ben", "Ani", "Rosa"]);
  // Taken out by a downdate, or never in: the same update.
  await json("batch", ...left.edits, "--out", at("three.romedit"));
  const [down, fresh] = [await readEditFile(at("batch.romedit")), await readEditFile(at("three.romedit"))];
  for (const [i, { u }] of down.edits.entries()) expect(cosine(u, fresh.edits[i]?.u ?? [])).toBeCloseTo(1, 5);
  for (const { proof } of await json("apply", at("batch.romedit"))) expect(proof.probability.with).toBeGreaterThan(0.9);
  expect((await rome("edits", "batch", "Ben", "Ben", "--out", at("x.romedit"))).stderr).toMatch(/named twice/);
});

it("does so with a model of random weights, whatever it says", async () => {
  const model = fixturePath("checkpoints", "gpt2-fp32");
  const request = ["--prompt", "Name: {}. Gender:", "--subject", "Ben", "--target", " female", "--contexts", "none"];
  const made = await rome("--model", model, "edit", ...request, "--keep-bad", "--save", at("random.romedit"));
  expect(made.code).toBe(0);
  const [trial] = JSON.parse((await rome("--model", model, "edits", "apply", at("random.romedit"), "--json")).stdout);
  expect(trial.completions.removed).toBe(trial.completions.before);
  expect(trial.completions.with).not.toBe(trial.completions.before);
  expect(trial.proof.untouched).toBe(true);
});

describe("what is refused", () => {
  const ends = async (status: number, what: RegExp, ...args: string[]) => {
    const { code, stderr } = await rome(...args);
    expect({ code, stderr }).toEqual({ code: status, stderr: expect.stringMatching(what) });
    expect(stderr).not.toMatch(/\n\s+at /);
  };

  const refused = (what: RegExp, ...args: string[]) => ends(1, what, ...args);
  const misused = (what: RegExp, ...args: string[]) => ends(2, what, ...args);

  it("a file cut short, of another kind, not there, or with a number that is none", async () => {
    writeFileSync(at("short.romedit"), readFileSync(at("two.romedit")).subarray(0, 5000));
    await refused(/damaged or incomplete/, "edits", "list", at("short.romedit"));
    await refused(
      /is not an edit file/,
      "edits",
      "apply",
      fixturePath("checkpoints", "even-fp16", "model.safetensors"),
    );
    await refused(/does not exist/, "edits", "list", at("none.romedit"));
    const { tensors, metadata } = await readSafetensors(at("bare.romedit"));
    (tensors.get("r")?.data as Float32Array)[0] = Number.NaN;
    await writeSafetensors(at("nan.romedit"), Object.fromEntries(tensors), metadata);
    await refused(/not finite/, "export", "--edits", at("nan.romedit"), "--out", at("x"));
  });

  it("edits of another model, with what differs", async () => {
    const other = fixturePath("checkpoints", "even-fp16");
    await misused(
      /made for another model, embedded \(.*width 256, not \d+/,
      "--model",
      other,
      "edits",
      "apply",
      at("two.romedit"),
    );
    await misused(/made for another model/, "--model", other, "export", "--edits", at("two.romedit"), "--out", at("x"));
  });

  it("a name that the file does not have, and the last edit", async () => {
    await misused(/no edit "Zoe".*Ben, Ani/, "edits", "undo", at("two.romedit"), "--name", "Zoe");
    await misused(/no edit to save/, "edits", "undo", at("bare.romedit"), "--name", "Ben");
    expect((await readEditFile(at("bare.romedit"))).edits).toHaveLength(1);
  });
});
