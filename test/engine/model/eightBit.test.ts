/** The 8-bit copy: what it says, that what it drafts changes nothing, and that a making that was stopped goes on. */
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { CopyDrafts } from "../../../src/engine/model/copyDrafts.ts";
import { toBlocks } from "../../../src/engine/model/eightBit.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { argmax } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { ask } from "../../../src/engine/rome/outcomes.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { embeddedPath, fixturePath, romeWith, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const checkpoints = [
  "odd-fp16",
  "odd-torch-sharded-fp16",
  "gpt2-fp32",
  "gpt-neox-fp16",
  "llama-tied-fp16",
  "qwen2-bf16",
  "codegen-fp16",
  "phi3-fp16",
  "gemma2-bf16",
];

/** Share of tokens of the texts that the copy gives the same most likely next token. */
async function agreement(model: Model, texts: readonly string[]): Promise<number> {
  const { layers, vocabulary } = model.size;
  let [same, total] = [0, 0];
  for (const text of texts) {
    const ids = model.tokenizer.encode(text);
    const inputs = { tokens: [ids], select: ids.map((_, i) => i) };
    const spec = { to: layers - 1, logits: true };
    const [exact, copy] = [
      await model.forward(spec, inputs, quietRun()),
      await model.forward(spec, { ...inputs, eightBit: true }, quietRun()),
    ];
    for (const i of ids.keys()) {
      const of = ({ logits }: typeof exact) => argmax(logits.subarray(i * vocabulary, (i + 1) * vocabulary));
      same += of(exact) === of(copy) ? 1 : 0;
      total++;
    }
  }
  return same / total;
}

it("rounds each block to 255 steps of its largest number", () => {
  const inner = 40;
  const rows = Float32Array.from({ length: 3 * inner }, (_, i) => (i < inner ? 0 : Math.sin(i * i)));
  const { values, scales } = toBlocks(rows, inner);
  expect([values.length, scales.length]).toEqual([3 * 64, 6]);
  for (const [i, x] of rows.entries()) {
    const [row, column] = [Math.floor(i / inner), i % inner];
    const scale = scales[row * 2 + Math.floor(column / 32)]!;
    expect(Math.abs(scale * (values[row * 64 + column]! - 128) - x)).toBeLessThanOrEqual(scale / 2 + 1e-7);
  }
  expect(values.subarray(inner, 64).every((value) => value === 128)).toBe(true);
});

it("of the embedded model gives the same most likely token at 99 % of its text's tokens", async () => {
  const model = await Model.open(embeddedPath, { storage: await temporaryFolder() });
  await model.makeEightBit(quietRun());
  const corpus = readFileSync(join(embeddedPath, "corpus.txt"), "utf8").split("\n").slice(0, 120);
  expect(await agreement(model, corpus)).toBeGreaterThan(0.99);
});

describe("the 8-bit copy", () => {
  it.each(checkpoints)("of %s is nearly the model, with adapters at any layer", async (name) => {
    const model = await Model.open(fixturePath("checkpoints", name), { storage: await temporaryFolder() });
    await model.makeEightBit(quietRun());
    const { inner, width, layers } = model.size;
    const wave = (length: number, height: number) => Float32Array.from({ length }, (_, i) => height * Math.sin(i * i));
    const adapters = [{ layer: 1, u: wave(inner, 1), r: wave(width, 9), on: [1] }];
    const inputs = { tokens: [[1, 2, 3, 4]], select: [3], adapters };
    const spec = { to: layers - 1, logits: true };
    const [exact, copy, off] = [
      await model.forward(spec, inputs, quietRun()),
      await model.forward(spec, { ...inputs, eightBit: true }, quietRun()),
      await model.forward(spec, { ...inputs, adapters: [] }, quietRun()),
    ];
    const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((x, i) => x - b[i]!));
    expect(distance(copy.logits, exact.logits)).toBeLessThan(0.2 * distance(off.logits, exact.logits));
  });

  it("drafts, and what comes is what the exact weights say", async () => {
    const storage = await temporaryFolder();
    const [exact, copied] = [await Model.open(embeddedPath), await Model.open(embeddedPath, { storage })];
    await expect(exact.makeEightBit(quietRun())).rejects.toMatchObject({ reason: "input" });
    await copied.makeEightBit(quietRun());
    const targets = [{ label: "male", text: " male" }];
    const questions = ["Ben", "Sarah"].map((name) => ({ prompt: `Name: ${name}. Gender:` }));
    for (const maxTokens of [1, 2, 24]) {
      const forward = vi.spyOn(copied, "forward");
      const [a, b] = [
        await ask(exact, questions, targets, { maxTokens }, quietRun()),
        await ask(copied, questions, targets, { maxTokens }, quietRun()),
      ];
      expect(b).toEqual(a);
      // A round without the copy is timed first.
      const drafted = forward.mock.calls.filter(([, { eightBit }]) => eightBit).length;
      expect(drafted > 0, String(maxTokens)).toBe(maxTokens > 2);
      forward.mockRestore();
    }
  });

  it("is left alone once two rounds of its drafts took longer than the same tokens without", async () => {
    const storage = await temporaryFolder();
    const model = await Model.open(embeddedPath, { storage });
    await model.makeEightBit(quietRun());
    const drafts = new CopyDrafts(model, []);
    const ids = model.tokenizer.encode("Name: Ben. Gender:");
    const { present } = await model.forward({ to: model.size.layers - 1 }, { tokens: [ids.slice(0, -1)] }, quietRun());
    const round = async (most: number) => (await drafts.of([ids.at(-1)!], present, most, quietRun()))[0]!.length;
    expect(drafts.pays).toBe(false);
    drafts.took(100, 1);
    expect(drafts.pays).toBe(true);
    expect(await round(3)).toBe(3);
    drafts.took(399, 4);
    expect(await round(3)).toBe(3);
    drafts.took(401, 4);
    // One token shows whether it goes on like that; it does not.
    expect([drafts.pays, await round(3)]).toEqual([true, 1]);
    drafts.took(199, 2);
    expect(await round(3)).toBe(3);
    for (const slow of [401, 401]) {
      drafts.took(slow, 4);
      await round(3);
    }
    expect(drafts.pays).toBe(false);
  });

  it("goes on where its making was stopped, and is not used before it is whole", async () => {
    const storage = await temporaryFolder();
    const model = await Model.open(embeddedPath, { storage });
    const abort = new AbortController();
    const progress = ({ done }: Progress) => done === 3 && abort.abort();
    await expect(model.makeEightBit({ signal: abort.signal, progress })).rejects.toMatchObject({
      reason: "cancelled",
    });
    const folder = model.eightBitFolder as string;
    expect(readdirSync(folder).sort()).toEqual(["part-0", "part-1", "part-2"]);
    expect((await Model.open(embeddedPath, { storage })).hasEightBit).toBe(false);
    const old = new Date(2020, 1, 1);
    for (const part of readdirSync(folder)) utimesSync(join(folder, part, "model.onnx"), old, old);
    await model.makeEightBit(quietRun());
    expect(statSync(join(folder, "part-2", "model.onnx")).mtime).toEqual(old);
    expect((await Model.open(embeddedPath, { storage })).hasEightBit).toBe(true);
    rmSync(join(folder, "part-2", "weights.bin"));
    const damaged = await Model.open(embeddedPath, { storage });
    const rows = [damaged.tokenizer.encode("Name: Ben. Gender:")];
    await expect(generate(damaged, rows, { maxTokens: 24 }, quietRun())).rejects.toMatchObject({
      reason: "data",
      message: expect.stringContaining("Delete that folder"),
    });
    rmSync(join(folder, "complete"));
    expect((await Model.open(embeddedPath, { storage })).hasEightBit).toBe(false);
  });

  it("is made by a command, and changes nothing that is said", async () => {
    const env = { XDG_CACHE_HOME: await temporaryFolder() };
    const complete = ["complete", "--prompt", "Name: Ben. Gender:"];
    const plain = await romeWith(env, ...complete);
    const made = await romeWith(env, "models", "quantize");
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining("13.8 MB") });
    expect((await romeWith(env, ...complete)).stdout).toBe(plain.stdout);
  });
});
