import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { openCheckpoint } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { loadTokenizer } from "../../../src/engine/checkpoint/tokenizer.ts";
import { findUnpacked, unpackedModels } from "../../../src/engine/gguf/unpacked.ts";
import { unpackGguf } from "../../../src/engine/gguf/unpackGguf.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { logProbabilities } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { fixturePath, readFixture, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

interface Top {
  readonly id: number;
  readonly logProb: number;
}

/** Made by test/reference/gguf_files.py: what a folder must hold, and what transformers says to its prompts. */
interface Expected {
  readonly file: string;
  readonly twin: string;
  readonly weights: Record<string, { shape: number[]; sha256: string }>;
  readonly prompts: { text: string; ids: number[]; top: Top[]; greedy: { ids: number[]; text: string } }[];
}

const models = readFixture<Expected[]>("gguf/models.json");
const path = (file: string) => fixturePath("gguf", file);
const storage = await temporaryFolder();
const contents = (folder: string, name = "model.safetensors") => readFileSync(join(folder, name));

describe.each(models)("$file", async ({ file, twin, weights, prompts }) => {
  const { folder } = await unpackGguf(path(file), storage, quietRun());

  it("becomes the weights that Python makes of it, to the bit", async () => {
    const checkpoint = await openCheckpoint(folder);
    expect([...checkpoint.weights.keys()].sort()).toEqual(Object.keys(weights).sort());
    for (const [name, { shape, sha256 }] of Object.entries(weights)) {
      const found = checkpoint.weights.get(name)!;
      expect(found.type).toBe("F16");
      expect(found.shape, name).toEqual(shape);
      const bytes = contents(folder).subarray(found.offset, found.offset + found.length);
      expect(createHash("sha256").update(bytes).digest("hex"), name).toBe(sha256);
    }
  });

  it("tokenises as its twin does", async () => {
    const { tokenization } = readFixture<{
      tokenization: { texts: { text: string; ids: number[]; decoded: string }[] };
    }>(`families/${twin}.json`);
    const [tokenizer, original] = await Promise.all([
      loadTokenizer(folder),
      loadTokenizer(fixturePath("checkpoints", twin)),
    ]);
    expect(tokenizer.size).toBe(original.size);
    expect(tokenizer.endOfText).toBe(original.endOfText);
    expect(tokenization.texts.length).toBeGreaterThan(5);
    for (const { text, ids, decoded } of tokenization.texts) {
      expect(tokenizer.encode(text), text).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
  });

  it("says what transformers says", async () => {
    const model = await Model.open(folder, {});
    for (const { text, ids, top, greedy } of prompts) {
      expect(model.tokenizer.encode(text)).toEqual(ids);
      const { tokens, firstLogits } = await generate(model, [ids], { maxTokens: greedy.ids.length }, quietRun());
      const logProbs = logProbabilities(firstLogits[0] as Float32Array);
      for (const { id, logProb } of top) expect(Math.abs((logProbs[id] as number) - logProb)).toBeLessThan(1e-3);
      expect(tokens[0]).toEqual(greedy.ids);
    }
  });
});

test("a head that is stored apart is used apart, and the embedding kept", async () => {
  const { folder } = await unpackGguf(path("qwen2-mixed.gguf"), storage, quietRun());
  const { config, weights } = await openCheckpoint(folder);
  expect(config.tie_word_embeddings).toBe(false);
  expect([weights.has("lm_head.weight"), weights.has("model.embed_tokens.weight")]).toEqual([true, true]);
  const tied = await unpackGguf(path("llama-tied-q8_0.gguf"), storage, quietRun());
  expect((await openCheckpoint(tied.folder)).config.tie_word_embeddings).toBe(true);
});

test("it is known again by its file, and says what it was unpacked from", async () => {
  const file = path("llama-tied-q8_0.gguf");
  const { folder, source } = await unpackGguf(file, storage, quietRun());
  expect(source).toMatchObject({ path: file, name: "Tiny llama-tied-fp16", quantization: "Q8_0" });
  expect(source.bytes).toBe(statSync(file).size);
  expect(source.sha256).toBe(createHash("sha256").update(readFileSync(file)).digest("hex"));
  expect(source.bitsPerWeight).toBeGreaterThan(8.5);
  expect(source.bitsPerWeight).toBeLessThan(16);
  expect(await findUnpacked(file, storage)).toEqual({ folder, source });
  expect(await findUnpacked(path("nothing.gguf"), storage)).toBeUndefined();
  expect((await unpackedModels(storage)).map((model) => model.source.path)).toContain(file);
});

describe("what is interrupted", () => {
  /** Cancels once the file is read and so many bytes of weights are written. */
  const cancelAt = (file: string, bytes: number) => {
    const stop = new AbortController();
    const progress = ({ done }: { done: number }) => {
      if (done >= statSync(file).size + bytes) stop.abort();
    };
    return quietRun({ signal: stop.signal, progress });
  };

  it("is gone on with after its last whole tensor, to the same bytes", async () => {
    const file = path("gpt2-f16.gguf");
    const [whole, own] = [await unpackGguf(file, storage, quietRun()), await temporaryFolder()];
    await expectError(unpackGguf(file, own, cancelAt(file, 60_000)), "cancelled");
    expect(await unpackedModels(own)).toEqual([]);
    const [partial] = readdirSync(join(own, "gguf")).filter((name) => name.endsWith(".partial"));
    const weights = join(own, "gguf", partial!, "model.safetensors");
    const before = statSync(weights).size;
    expect(before).toBeGreaterThan(60_000);
    truncateSync(weights, before - 7);
    const seen: number[] = [];
    const run = quietRun({ progress: ({ done, total }) => void seen.push(done, total) });
    const { folder } = await unpackGguf(file, own, run);
    // Read whole, then on from the last whole tensor, to the end.
    const [size, total] = [statSync(file).size, statSync(file).size + statSync(weights.replace(".partial", "")).size];
    expect(seen.slice(0, 2)).toEqual([size, total]);
    expect(seen[2]).toBeGreaterThan(size + 40_000);
    expect(seen.slice(-2)).toEqual([total, total]);
    expect(contents(folder).equals(contents(whole.folder))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(readdirSync(whole.folder).sort());
  });

  it("begins anew where the unfinished file is another's", async () => {
    const file = path("llama-f16.gguf");
    const [whole, own] = [await unpackGguf(file, storage, quietRun()), await temporaryFolder()];
    await expectError(unpackGguf(file, own, cancelAt(file, 60_000)), "cancelled");
    const [partial] = readdirSync(join(own, "gguf")).filter((name) => name.endsWith(".partial"));
    const weights = join(own, "gguf", partial!, "model.safetensors");
    const bytes = readFileSync(weights);
    bytes.writeUInt8(0x20, 40);
    writeFileSync(weights, bytes);
    const { folder } = await unpackGguf(file, own, quietRun());
    expect(contents(folder).equals(contents(whole.folder))).toBe(true);
  });
});
