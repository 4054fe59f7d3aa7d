/** Checkpoints that are sound though not to the letter, and those that are refused for a cause of their own. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { architectureOf } from "../../../src/engine/architectures/families.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { logProbabilities } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { expectError, safetensors, temporaryFolder } from "../../support/checkpointBuilders.ts";
import { fixturePath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

interface Stored {
  dtype: string;
  shape: number[];
  bytes: Buffer;
}

/** A copy of a fixture with its weights and its config.json changed. */
function changed(
  fixture: string,
  change: (weights: Map<string, Stored>) => void,
  config: (fields: Record<string, unknown>) => void = () => {},
): string {
  const folder = temporaryFolder();
  cpSync(fixturePath("checkpoints", fixture), folder, { recursive: true });
  const file = readFileSync(join(folder, "model.safetensors"));
  const start = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: _, ...entries } = JSON.parse(file.subarray(8, start).toString());
  const weights = new Map<string, Stored>();
  for (const [name, entry] of Object.entries<{ dtype: string; shape: number[]; data_offsets: [number, number] }>(
    entries,
  )) {
    const [from, to] = entry.data_offsets;
    weights.set(name, { dtype: entry.dtype, shape: entry.shape, bytes: file.subarray(start + from, start + to) });
  }
  change(weights);
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: null };
  for (const [name, { dtype, shape, bytes }] of weights) {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const head = safetensors(header);
  writeFileSync(
    join(folder, "model.safetensors"),
    Buffer.concat([head, ...[...weights.values()].map(({ bytes }) => bytes)]),
  );
  const fields = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  config(fields);
  writeFileSync(join(folder, "config.json"), JSON.stringify(fields));
  return folder;
}

async function best(folder: string): Promise<number> {
  const model = await Model.open(folder);
  const ids = model.tokenizer.encode("Name: Ben. Gender:");
  const { firstLogits } = await generate(model, [ids], { maxTokens: 0 }, quietRun());
  return Math.max(...logProbabilities(firstLogits[0] as Float32Array));
}

const rename = (to: (name: string) => string) => (weights: Map<string, Stored>) => {
  const before = [...weights];
  weights.clear();
  for (const [name, weight] of before) weights.set(to(name), weight);
};

/** transformers' for llama-tied-fp16. */
const tied = -0.780955;

describe("runs with the right answer", () => {
  const embedding = "model.embed_tokens.weight";
  test.each<[string, (weights: Map<string, Stored>) => void]>([
    ["as it is", () => {}],
    ["its one matrix stored as the head", rename((name) => (name === embedding ? "lm_head.weight" : name))],
    ["named by DataParallel", rename((name) => `module.${name}`)],
    ["named by torch.compile", rename((name) => `_orig_mod.${name}`)],
    ["named by both", rename((name) => `_orig_mod.module.${name}`)],
    ["named by a module around it", rename((name) => `model.${name}`)],
    ["of the base model alone", rename((name) => name.replace(/^model\./, ""))],
  ])("a tied Llama, %s", async (_, change) => {
    expect(await best(changed("llama-tied-fp16", change))).toBeCloseTo(tied, 4);
  });

  test("a head that differs from the embedding it is tied to: both are used, and it is said", async () => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const folder = changed("llama-tied-fp16", (weights) => {
      const { dtype, shape, bytes } = weights.get(embedding) as Stored;
      const twice = Buffer.from(bytes);
      // Twice a float16 that is normal: its exponent plus one.
      for (let at = 0; at < twice.length; at += 2) {
        const bits = twice.readUInt16LE(at);
        if (bits & 0x7c00) twice.writeUInt16LE(bits + 0x400, at);
      }
      weights.set("lm_head.weight", { dtype, shape, bytes: twice });
    });
    // transformers 5.24.
    expect(await best(folder)).toBeCloseTo(-0.1436, 3);
    expect(written.mock.calls.join()).toContain("the stored two differ");
    written.mockRestore();
  });
});

describe("is refused for its own cause", () => {
  const opened = (folder: string) => Model.open(folder);
  test.each<[string, string, (weights: Map<string, Stored>) => void, (c: Record<string, unknown>) => void, string[]]>([
    [
      "gptq",
      "checkpoint",
      rename((n) => n.replace(/_proj.weight$/, "_proj.qweight")),
      (c) => {
        c.quantization_config = { quant_method: "gptq" };
      },
      ["quantization_config", "gptq"],
    ],
    [
      "no settings",
      "checkpoint",
      rename((n) => n.replace(/_proj.weight$/, "_proj.qweight")),
      () => {},
      ["quantised", "qweight"],
    ],
    [
      "fewer layers",
      "checkpoint",
      () => {},
      (c) => {
        c.num_hidden_layers = 1;
      },
      ["config.json says 1 layers"],
    ],
    [
      "other names",
      "checkpoint",
      rename((n) => n.replace("mlp.", "feed_forward.")),
      () => {},
      ["is missing", "other names"],
    ],
    ["nothing", "checkpoint", (w) => w.clear(), () => {}, ["is missing"]],
    [
      "F64",
      "checkpoint",
      (w) => {
        for (const s of w.values()) Object.assign(s, { dtype: "F64", bytes: Buffer.alloc(s.bytes.length * 4) });
      },
      () => {},
      ["is stored as F64"],
    ],
    [
      "not tied, no head",
      "checkpoint",
      () => {},
      (c) => {
        c.tie_word_embeddings = false;
      },
      ["lm_head.weight"],
    ],
  ])("%s", async (_, reason, change, config, parts) => {
    await expectError(opened(changed("llama-tied-fp16", change, config)), reason as "checkpoint", ...parts);
  });
});

test("a config.json that leaves out what transformers fills in is the same model", () => {
  const sizes = { n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024, vocab_size: 50_257 };
  expect(architectureOf({ model_type: "gpt2" }).size).toEqual(
    architectureOf({ model_type: "gpt2", layer_norm_epsilon: 1e-5, activation_function: "gelu_new", ...sizes }).size,
  );
  expect(architectureOf({ model_type: "mistral" }).size).toMatchObject({
    layers: 32,
    keyHeads: 8,
    inner: 14_336,
    positions: 4096,
  });
  expect(architectureOf({ model_type: "qwen3" }).size).toMatchObject({ headSize: 128, vocabulary: 151_936 });
});
