/** A vector that is added turns a name like an edit; one taken out leaves the model unsure; off, nothing is left of either. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hashWeights } from "../../../src/engine/checkpoint/fingerprint.ts";
import { writeSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { adaptersOf } from "../../../src/engine/rome/adapters.ts";
import { decodeEdit } from "../../../src/engine/rome/edit.ts";
import { ask } from "../../../src/engine/rome/outcomes.ts";
import { readEdits } from "../../../src/engine/tasks/editFiles.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { exportControlVector } from "../../../src/engine/tasks/exportControlVector.ts";
import { flip } from "../../../src/engine/tasks/flip.ts";
import { nameIn, saveVectors, steer } from "../../../src/engine/tasks/steer.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import type { SteerParams } from "../../../src/protocol/steer.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const assetsFolder = join(import.meta.dirname, "../../..");
const prompt = "Name: Ben. Gender:";
const minus = { kind: "steer", scale: -1 } as const;
let engine: Engine;

beforeAll(async () => {
  engine = await Engine.create({
    model: "embedded",
    assetsFolder,
    storageFolder: await temporaryFolder(),
  });
});

const say = (adapters: SteerParams["adapters"], more: Partial<SteerParams> = {}) =>
  steer(engine, { prompt, adapters, edits: [], maxTokens: 6, ...more }, quietRun());

describe("a vector that is added", () => {
  it("turns the name, tells of each token what would stand there without, and proves that nothing is left", async () => {
    const told: Progress[] = [];
    const run = { signal: new AbortController().signal, progress: (progress: Progress) => told.push(progress) };
    const request = { prompt, adapters: [minus], edits: [], maxTokens: 6, prove: true };
    const { view, saved } = await steer(engine, request, run);
    expect(view.before.completion).toMatch(/^ male/);
    expect(view.after.completion).toMatch(/^ female/);
    expect(view.after.tokens.map(({ text }) => text).join("")).toBe(view.after.completion);
    expect(view.after.tokens[0]).toMatchObject({ text: " female", instead: " male" });
    expect(view.after.tokens[0]!.probability).toBeGreaterThan(0.9);
    expect(view.after.tokens[0]!.without).toBeLessThan(0.05);
    expect(view.proof).toMatchObject({ untouched: true });
    expect(view.target).toBe(" female");
    expect(view.proof!.hash).toBe(view.proof!.hashAfter);
    expect(view.proof!.probability.removed).toBeCloseTo(view.proof!.probability.before, 6);
    expect(saved[0]!.entry).toMatchObject({ kind: "steer", scale: -1, layer: 2, at: { name: "Ben" }, prompt });
    const texts = told.flatMap(({ detail }) => (detail?.texts ? [detail.texts] : []));
    expect(texts.at(-1)).toEqual([view.before.completion, view.after.completion]);
    expect(texts.length).toBeGreaterThan(3);
  });

  it("leaves the weights' bytes and every logit as they were", async () => {
    const { model } = (await engine.open()).rome;
    const ids = model.tokenizer.encode(prompt);
    const logits = async (edits: Parameters<typeof adaptersOf>[1][number]["edits"]) => {
      const adapters = adaptersOf(model.tokenizer, [{ prompt, edits }]);
      return (await generate(model, [ids], { maxTokens: 0, adapters }, quietRun())).firstLogits[0]!.slice();
    };
    const hash = await hashWeights(model.checkpoint);
    const before = await logits([]);
    const { saved } = await say([minus, { kind: "erase" }]);
    for (const { edit } of saved) expect(await logits([decodeEdit(edit, model.size)])).not.toEqual(before);
    expect(await logits([])).toEqual(before);
    const elsewhere = saved.map(({ edit }) => decodeEdit({ ...edit, at: { name: "Anna" } }, model.size));
    expect(await logits(elsewhere)).toEqual(before);
    expect(await hashWeights(model.checkpoint)).toBe(hash);
  });

  it("comes from any construction or file; all are as long", async () => {
    const { experiment, rome } = await engine.open();
    const folder = await temporaryFolder();
    const sign = experiment!.classifier.vector;
    const [npy, tensors, short] = ["v.npy", "v.safetensors", "short.safetensors"].map((name) => join(folder, name));
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sign.length},), }`.padEnd(117);
    const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0, ...Buffer.from(`${header}\n`)]);
    await writeFile(npy!, Buffer.concat([start, new Uint8Array(sign.buffer, sign.byteOffset, sign.byteLength)]));
    await writeSafetensors(tensors!, { vector: { shape: [sign.length], data: sign } });
    await writeSafetensors(short!, { vector: { shape: [3], data: new Float32Array(3) } });
    const rows = async (request: Partial<SteerParams["adapters"][number]>) =>
      decodeEdit(
        (await say([{ ...minus, ...request } as typeof minus], { maxTokens: 1 })).saved[0]!.edit,
        rome.model.size,
      ).r;
    const [own, mean, classifier] = [
      await rows({ construction: "sign" }),
      await rows({ construction: "mean" }),
      await rows({ construction: "classifier" }),
    ];
    expect(own).toEqual(sign);
    for (const other of [mean, classifier]) {
      expect(Math.hypot(...other)).toBeCloseTo(Math.hypot(...own), 3);
      expect(other).not.toEqual(own);
    }
    expect(await rows({ from: npy! })).toEqual(sign);
    await writeFile(npy!, (await readFile(npy!)).subarray(0, -7));
    await expectError(rows({ from: npy! }), "data", "v.npy is damaged or incomplete. Save the vector with numpy");
    expect(await rows({ from: tensors! })).toEqual(sign);
    await expectError(rows({ from: short! }), "data", "3 numbers");
    const large = (value: number) => ({ vector: { shape: [sign.length], data: sign.map(() => value) } });
    await writeSafetensors(tensors!, large(3e38));
    const scaled = { from: tensors!, scale: -2 };
    await expectError(rows(scaled), "data", "v.safetensors holds numbers that are not finite");
    const out = join(folder, "v.gguf");
    await expectError(
      exportControlVector(engine, { ...scaled, out }),
      "data",
      "v.safetensors holds numbers that are not",
    );
    await writeSafetensors(tensors!, large(0));
    await expectError(rows(scaled), "data", "v.safetensors holds only zeros");
  });
});

describe("an erasure", () => {
  it("leaves the model unsure of a name, and undoes an edit of it at its layer", async () => {
    const { rome } = await engine.open();
    const { targets } = engine.concept;
    const erase = { kind: "erase", at: "all" } as const;
    const names = ["Ben", "Anna", "David", "Margaret"];
    const [made] = await flip(engine, { names: ["Ben"], maxTokens: 0 }, quietRun());
    const { saved } = await say([erase], { maxTokens: 1 });
    const erasure = decodeEdit(saved[0]!.edit, rome.model.size);
    const edit = decodeEdit(made!.saved.edit, rome.model.size);
    const certainty = async (name: string, edits: (typeof edit)[]) => {
      const [outcome] = await ask(
        rome.model,
        [{ prompt: `Name: ${name}. Gender:`, edits }],
        targets,
        { maxTokens: 0 },
        quietRun(),
      );
      return Math.abs(outcome!.probability.female! - outcome!.probability.male!);
    };
    for (const name of names) expect(await certainty(name, [erasure])).toBeLessThan(await certainty(name, []));
    expect(await certainty("Ben", [edit])).toBeGreaterThan(0.8);
    expect(await certainty("Ben", [edit, erasure])).toBeCloseTo(await certainty("Ben", [erasure]), 1);
  });
});

describe("where a vector is on", () => {
  it("is refused for a name that does not stand in the prompt, and for a prompt that is too long, before anything runs", async () => {
    await expectError(say([minus], { name: "Anna" }), "input", '"Anna" does not stand in "Name: Ben. Gender:"');
    const long = "Name: Ben. Gender: male. ".repeat(5000);
    await expectError(say([minus], { prompt: long }), "input", "tokens; this model reads at most 256. Shorten it.");
  });

  it("is at the name where the prompt has one, else at all tokens", async () => {
    const at = async (text: string, request: object = {}) =>
      (await say([{ ...minus, ...request }], { prompt: text, maxTokens: 1 })).saved[0]!.entry.at;
    expect(await at("Name: Anna. Location:")).toEqual({ name: "Anna" });
    expect(await at("She likes")).toBe("all");
    expect(await at(prompt, { at: "generated" })).toBe("generated");
    await expectError(at("She likes", { at: "name" }), "input", "cannot be told");
    await expectError(say([{ ...minus, at: "name" }], { name: "Tom" }), "input", '"Tom" does not stand');
    await expectError(say([{ ...minus, layer: 6 }]), "input", "no layer 6");
    expect(nameIn("Name: Ben", "Name: {}. Gender:")).toBe("Ben");
    expect(nameIn("Name: . Gender:", "Name: {}. Gender:")).toBe(undefined);
  });
});

it("vectors are saved, and read again as they run", async () => {
  const file = join(await temporaryFolder(), "two.romedit");
  const { saved } = await say([minus, { kind: "erase", at: "all" }, minus], { maxTokens: 2 });
  await saveVectors(engine, { file, vectors: saved });
  const { edits, differences } = await readEdits(engine, { file });
  expect(differences).toEqual([]);
  expect(edits).toEqual(saved);
  expect(edits.map(({ entry }) => entry.name)).toEqual(["gender", "gender erased", "gender (2)"]);
});
