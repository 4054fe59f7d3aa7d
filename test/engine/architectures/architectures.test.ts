/** Which config.json files are run, and with what rotary positions; one that differs in a field is refused by that field. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { architectureOf } from "../../../src/engine/architectures/families.ts";
import { readRotary } from "../../../src/engine/architectures/rotaryFrequencies.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { fixturePath, readFixture, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

type Config = Record<string, unknown>;
const configOf = (checkpoint: string) => readFixture<Config>(`checkpoints/${checkpoint}/config.json`);

interface RotaryCase {
  config: Config & { rope_parameters: Config };
  headSize: number;
  values: number[];
  amplitude: number;
}
describe("rotary frequencies are transformers'", () => {
  for (const { config, headSize, values, amplitude } of readFixture<RotaryCase[]>("rotary.json")) {
    const { rope_theta, rope_type, ...rest } = config.rope_parameters;
    const older = { ...config, rope_parameters: undefined, rope_theta, rope_scaling: { ...rest, type: rope_type } };
    it(JSON.stringify(config.rope_parameters), () => {
      for (const written of [config, older]) {
        const found = readRotary(written, headSize);
        expect(found.amplitude).toBeCloseTo(amplitude, 6);
        expect(found.values.length).toBe(values.length);
        for (const [i, value] of values.entries()) expect((found.values[i] as number) / value).toBeCloseTo(1, 5);
      }
    });
  }
});

describe("a config that is nearly one of a family is refused with the field that differs", () => {
  const yarn = { type: "yarn", factor: 4, original_max_position_embeddings: 64 };
  const longrope = { rope_type: "longrope", rope_theta: 10_000, short_factor: [1, 1], long_factor: [2, 4] };
  const cases: [string, Config, string][] = [
    ["gpt2-fp32", { activation_function: "relu" }, "activation_function"],
    ["gpt2-fp32", { scale_attn_by_inverse_layer_idx: true }, "scale_attn_by_inverse_layer_idx"],
    ["gpt2-fp32", { scale_attn_weights: false }, "scale_attn_weights"],
    ["gpt2-fp32", { add_cross_attention: true }, "add_cross_attention"],
    ["gpt2-fp32", { n_head: 3 }, "n_head"],
    ["codegen-fp16", { n_head: 2 }, "n_head"],
    ["codegen-fp16", { rotary_dim: 10 }, "rotary_dim"],
    ["codegen-fp16", { scale_attn_weights: false }, "scale_attn_weights"],
    ["codegen-fp16", { activation_function: "relu" }, "activation_function"],
    ["gpt-neo-fp16", { activation_function: "relu" }, "activation_function"],
    ["gpt-neo-fp16", { attention_types: [[["sparse"], 3]] }, "attention_types"],
    ["gpt-neo-fp16", { num_heads: 3 }, "num_heads"],
    ["gpt-neo-fp16", { window_size: undefined }, "window_size"],
    ["gpt-neox-fp16", { use_parallel_residual: false }, "use_parallel_residual"],
    ["gpt-neox-fp16", { hidden_act: "relu" }, "hidden_act"],
    ["gpt-neox-fp16", { attention_bias: false }, "attention_bias"],
    ["gpt-neox-fp16", { rotary_pct: 0.19 }, "rotary_pct"],
    ["gpt-neox-fp16", { rope_scaling: { type: "linear", factor: 2 } }, "rope_scaling"],
    ["gpt-neox-fp16", { rope_parameters: { rope_type: "yarn" } }, "rope_parameters.rope_type"],
    ["llama-fp16", { hidden_act: "gelu" }, "hidden_act"],
    ["llama-fp16", { attention_bias: true }, "attention_bias"],
    ["llama-fp16", { mlp_bias: true }, "mlp_bias"],
    ["llama-fp16", { num_key_value_heads: 3 }, "num_key_value_heads"],
    ["llama-fp16", { head_dim: 7 }, "head_dim"],
    ["llama-fp16", { rope_parameters: { rope_type: "longrope" } }, "rope_parameters.rope_type"],
    ["llama-fp16", { rope_parameters: { full_attention: { rope_type: "default" } } }, "rope_parameters"],
    ["llama-fp16", { rope_parameters: { rope_type: "linear" } }, "rope_parameters.factor"],
    ["llama-fp16", { rope_parameters: { partial_rotary_factor: 0.5 } }, "rope_parameters.partial_rotary_factor"],
    ["llama-tied-fp16", { rope_scaling: { type: "mrope" } }, "rope_scaling.rope_type"],
    ["llama-fp16", { rope_scaling: yarn }, "rope_scaling contradicts its rope_parameters"],
    ["qwen2-bf16", { rope_scaling: yarn }, "rope_scaling contradicts its rope_parameters"],
    ["qwen3-bf16", { rope_scaling: yarn }, "rope_scaling contradicts its rope_parameters"],
    ["olmo2-bf16", { rope_scaling: yarn }, "rope_scaling contradicts its rope_parameters"],
    ["gemma2-bf16", { rope_scaling: yarn }, "rope_scaling contradicts its rope_parameters"],
    ["gemma3-bf16", { rope_scaling: yarn }, "rope_scaling contradicts its rope_parameters"],
    ["phi3-fp16", { rope_scaling: { ...yarn, type: "longrope" } }, "rope_scaling.rope_type"],
    ["phi3-fp16", { rope_parameters: longrope }, 'rope_parameters.rope_type: it must be "default" or'],
    ["llama-tied-fp16", { partial_rotary_factor: 0.5 }, "partial_rotary_factor"],
    ["qwen2-bf16", { use_mrope: true }, "use_mrope"],
    ["qwen2-bf16", { layer_types: ["linear_attention"] }, "layer_types"],
    ["mistral-bf16", { num_key_value_heads: undefined }, "num_key_value_heads"],
    ["qwen3-bf16", { attention_bias: true }, "attention_bias"],
    ["qwen3-bf16", { head_dim: undefined }, "head_dim"],
    ["qwen3-bf16", { hidden_act: "gelu" }, "hidden_act"],
    ["phi3-fp16", { attention_bias: true }, "attention_bias"],
    ["phi3-fp16", { hidden_act: "gelu" }, "hidden_act"],
    ["phi3-fp16", { rope_parameters: { partial_rotary_factor: 0.75 } }, "rope_parameters.partial_rotary_factor"],
    ["phi3-fp16", { rope_parameters: undefined, rope_scaling: { type: "su" } }, "rope_scaling.rope_type"],
    ["phi3-fp16", { num_key_value_heads: 3 }, "num_key_value_heads"],
    ["olmo2-bf16", { attention_bias: true }, "attention_bias"],
    ["olmo2-bf16", { hidden_act: "gelu" }, "hidden_act"],
    ["olmo2-bf16", { model_type: "olmo" }, "model_type"],
    ["gemma2-bf16", { hidden_activation: "silu" }, "hidden_activation"],
    ["gemma2-bf16", { attention_bias: true }, "attention_bias"],
    ["gemma2-bf16", { use_bidirectional_attention: true }, "use_bidirectional_attention"],
    ["gemma2-bf16", { query_pre_attn_scalar: undefined }, "query_pre_attn_scalar"],
    ["gemma2-bf16", { final_logit_softcapping: -1 }, "final_logit_softcapping"],
    ["gemma2-bf16", { layer_types: ["full_attention"] }, "layer_types"],
    ["gemma2-bf16", { model_type: "gemma" }, "model_type"],
    ["gemma3-bf16", { attn_logit_softcapping: 50 }, "attn_logit_softcapping"],
    ["gemma3-bf16", { rope_parameters: { rope_type: "default" } }, "rope_parameters.full_attention"],
    ["gemma3-bf16", { rope_parameters: undefined, rope_scaling: { rope_type: "longrope" } }, "rope_type"],
    ["gemma3-bf16", { model_type: "gemma3" }, "model_type"],
    ["llama-fp16", { model_type: "qwen3_moe" }, "model_type"],
  ];
  test.each(cases)("%s with %j", (checkpoint, change, field) => {
    expect(() => architectureOf(configOf(checkpoint))).not.toThrow();
    expect(() => architectureOf({ ...configOf(checkpoint), ...change })).toThrow(field);
  });
});

it("what is wrong with a field is said in words", () => {
  const wrong = (change: Config) => () => architectureOf({ ...configOf("llama-fp16"), ...change });
  expect(wrong({ attention_bias: true })).toThrow("attention_bias: it must be false, not true");
  expect(wrong({ hidden_size: undefined })).toThrow("hidden_size: it is missing");
  expect(wrong({ hidden_size: "12" })).toThrow('hidden_size: it must be a number, not "12"');
  expect(wrong({ hidden_size: 1.5 })).toThrow("hidden_size: it cannot be 1.5");
  expect(wrong({ vocab_size: 0 })).toThrow("vocab_size: it must be at least 1, not 0");
  expect(wrong({ head_dim: 7 })).toThrow("head_dim: it must be a multiple of 2, not 7");
  expect(wrong({ num_hidden_layers: 2 ** 30 })).toThrow("num_hidden_layers: is larger than any model has");
});

it("rotary positions may be told twice, in the newer and in the older field, if both say the same", () => {
  for (const checkpoint of ["llama-fp16", "qwen3-bf16", "olmo2-bf16", "phi3-fp16"]) {
    const config = configOf(checkpoint);
    expect(readRotary({ ...config, rope_scaling: config.rope_parameters }, 8)).toEqual(readRotary(config, 8));
    expect(readRotary({ ...config, rope_scaling: {} }, 8)).toEqual(readRotary(config, 8));
  }
});

it("where a window limits attention, a text may be as long as the window: within it nothing is cut off", () => {
  const positions = (checkpoint: string, change: Config) =>
    architectureOf({ ...configOf(checkpoint), ...change }).size.positions;
  expect(positions("mistral-bf16", { sliding_window: 32 })).toBe(32);
  expect(positions("mistral-bf16", { sliding_window: 4096 })).toBe(160);
  expect(positions("qwen3-bf16", { sliding_window: 32, use_sliding_window: true })).toBe(32);
  expect(positions("phi3-fp16", {})).toBe(150);
  expect(positions("gemma2-bf16", {})).toBe(150);
  expect(positions("gemma2-bf16", { layer_types: Array(3).fill("full_attention") })).toBe(160);
  expect(positions("gpt-neo-fp16", {})).toBe(150);
  expect(positions("gpt-neo-fp16", { attention_layers: ["global", "global", "global"] })).toBe(160);
  expect(positions("qwen2-bf16", { sliding_window: 32, use_sliding_window: false })).toBe(160);
  expect(positions("qwen2-bf16", { sliding_window: 32, use_sliding_window: true })).toBe(32);
});

it("Gemma 3's older config.json, as published, says what the newer one does", async () => {
  const folder = join(await temporaryFolder(), "model");
  cpSync(fixturePath("checkpoints", "gemma3-bf16"), folder, { recursive: true });
  const { rope_parameters: _, layer_types: __, ...rest } = configOf("gemma3-bf16");
  const older = {
    rope_theta: 1_000_000,
    rope_local_base_freq: 100,
    rope_scaling: { rope_type: "linear", factor: 4 },
    sliding_window_pattern: 2,
  };
  const streams = [];
  for (const config of [configOf("gemma3-bf16"), { ...rest, ...older }, { ...rest, ...older, rope_theta: 10_000 }]) {
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    const model = await Model.open(folder);
    streams.push((await model.forward({ to: 2, stream: true }, { tokens: [[5, 6, 7, 8]] }, quietRun())).stream);
  }
  expect(streams[1]).toEqual(streams[0]);
  expect(streams[2]).not.toEqual(streams[0]);
});

it("a text longer than the model reads is refused, before any table is looked up beyond its end", async () => {
  const model = await Model.open(fixturePath("checkpoints", "gpt2-fp32"));
  const tokens = [Array<number>(161).fill(1)];
  await expect(model.forward({ to: 0 }, { tokens }, quietRun())).rejects.toThrow(
    "161 tokens; this model reads at most 160",
  );
  // Padding is no part of a text.
  await model.forward({ to: 0 }, { tokens: [[-1, ...Array<number>(160).fill(1)]] }, quietRun());
});
