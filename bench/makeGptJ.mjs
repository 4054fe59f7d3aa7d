/**
 * Writes a checkpoint of GPT-J's true widths with random fp16 weights: n_embd 4096, 16 heads, rotary 64, vocabulary
 * 50,400; two layers (1.6 GB) unless asked otherwise (28 layers: 12.1 GB). Narrower ones keep GPT-J's proportions.
 *
 *     node bench/makeGptJ.mjs bench/work/gptj-2 [--layers 2 --width 4096 --heads 16 --rotary 64 --vocabulary 50400]
 */
import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    layers: { type: "string", default: "2" },
    width: { type: "string", default: "4096" },
    heads: { type: "string", default: "16" },
    rotary: { type: "string", default: "64" },
    vocabulary: { type: "string", default: "50400" },
  },
});
const [folder] = positionals;
if (!folder) throw new Error("usage: node bench/makeGptJ.mjs FOLDER [--layers N]");
const [d, vocabulary, layers] = [Number(values.width), Number(values.vocabulary), Number(values.layers)];
const m = 4 * d;

/** Half-precision bits of 0.02 times a number between −2 and 2, roughly normal; the block is reused at odd offsets. */
const block = new Uint16Array(2 ** 23 + 1);
let state = 1;
for (let i = 0; i < block.length; i++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  const magnitude = (state >>> 8) & 0x3ff;
  const exponent = 8 + ((state >>> 18) & 1);
  block[i] = ((state >>> 31) << 15) | (exponent << 10) | magnitude;
}
const bytes = Buffer.from(block.buffer);
const one = Buffer.alloc(2 * d);
for (let i = 0; i < d; i++) one.writeUInt16LE(0x3c00, 2 * i);

const shapes = { "transformer.wte.weight": [vocabulary, d] };
for (let layer = 0; layer < layers; layer++) {
  const name = (part) => `transformer.h.${layer}.${part}`;
  shapes[name("ln_1.weight")] = [d];
  shapes[name("ln_1.bias")] = [d];
  for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"]) shapes[name(`attn.${part}.weight`)] = [d, d];
  shapes[name("mlp.fc_in.weight")] = [m, d];
  shapes[name("mlp.fc_in.bias")] = [m];
  shapes[name("mlp.fc_out.weight")] = [d, m];
  shapes[name("mlp.fc_out.bias")] = [d];
}
Object.assign(shapes, {
  "transformer.ln_f.weight": [d],
  "transformer.ln_f.bias": [d],
  "lm_head.weight": [vocabulary, d],
  "lm_head.bias": [vocabulary],
});

let offset = 0;
const header = {};
for (const [name, shape] of Object.entries(shapes)) {
  const length = 2 * shape.reduce((a, b) => a * b);
  header[name] = { dtype: "F16", shape, data_offsets: [offset, offset + length] };
  offset += length;
}
mkdirSync(folder, { recursive: true });
const json = Buffer.from(JSON.stringify(header));
const start = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
start.writeBigUInt64LE(BigInt(start.length - 8));
json.copy(start, 8);
const file = openSync(join(folder, "model.safetensors"), "w");
writeSync(file, start);
for (const [
  name,
  {
    data_offsets: [from, to],
  },
] of Object.entries(header)) {
  for (let left = to - from, at = 2 * (from % 9973); left > 0; at = 0) {
    const part = /ln_.*weight/.test(name) ? one : bytes.subarray(at);
    left -= writeSync(file, part, 0, Math.min(left, part.length));
  }
}
closeSync(file);
writeFileSync(
  join(folder, "config.json"),
  JSON.stringify({
    architectures: ["GPTJForCausalLM"],
    model_type: "gptj",
    activation_function: "gelu_new",
    n_embd: d,
    n_head: Number(values.heads),
    n_inner: null,
    n_layer: layers,
    n_positions: 2048,
    rotary_dim: Number(values.rotary),
    vocab_size: vocabulary,
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: false,
    torch_dtype: "float16",
  }),
);
for (const name of ["tokenizer.json", "tokenizer_config.json"])
  copyFileSync(join(import.meta.dirname, "../models/embedded", name), join(folder, name));
console.log(`${folder}: ${layers} layers, ${(offset / 1e9).toFixed(1)} GB`);
