import { cpSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { hashWeights } from "../../../src/engine/checkpoint/fingerprint.ts";
import {
  type Checkpoint,
  findWeight,
  openCheckpoint,
  requireWeight,
} from "../../../src/engine/checkpoint/openCheckpoint.ts";
import type { WeightLocation } from "../../../src/engine/checkpoint/tensor.ts";
import { RomeError } from "../../../src/protocol/errors.ts";
import { checkpointFolder, expectError, safetensors, temporaryFolder } from "../../support/checkpointBuilders.ts";
import { fixturePath } from "../../support/fixtures.ts";

const fixture = (name: string) => fixturePath("checkpoints", name);

/** The numbers of a weight, read at the place that the checkpoint gives. */
async function values({ file, offset, length, type }: WeightLocation): Promise<Float64Array> {
  const handle = await open(file);
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, offset);
  await handle.close();
  if (type === "F32") return Float64Array.from({ length: length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
  const number = type === "F16" ? half : brain;
  return Float64Array.from({ length: length / 2 }, (_, i) => number(bytes.readUInt16LE(2 * i)));
}

function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

function brain(bits: number): number {
  const word = Buffer.alloc(4);
  word.writeUInt16LE(bits, 2);
  return word.readFloatLE();
}

const shapes = ({ weights }: Checkpoint) =>
  Object.fromEntries([...weights.values()].map(({ name, shape }) => [name, shape]).sort());

describe("the same model in every format", async () => {
  const reference = await openCheckpoint(fixture("odd-fp32"));

  test.each([
    ["odd-torch-fp32", 0],
    ["odd-sharded-fp32", 0],
    ["odd-fp16", 2 ** -11],
    ["odd-torch-fp16", 2 ** -11],
    ["odd-torch-sharded-fp16", 2 ** -11],
    ["odd-bf16", 2 ** -8],
    ["odd-torch-bf16", 2 ** -8],
  ])("%s holds odd-fp32's numbers within a relative %d", async (name, rounding) => {
    const checkpoint = await openCheckpoint(fixture(name));
    expect(shapes(checkpoint)).toEqual(shapes(reference));
    for (const weight of reference.weights.values()) {
      const expected = await values(weight);
      const found = await values(requireWeight(checkpoint, weight.name, weight.shape));
      // Below 2^-14 a half has fewer bits: half of its smallest step is 2^-25.
      const wrong = expected.findIndex(
        (x, i) => !(Math.abs(x - (found[i] as number)) <= rounding * Math.abs(x) + (rounding && 2 ** -25)),
      );
      expect(wrong, `${weight.name}[${wrong}]`).toBe(-1);
    }
  });

  test("the container does not change fingerprint and hash, the precision does", async () => {
    const checkpoints = await Promise.all(
      ["odd-torch-fp32", "odd-sharded-fp32", "odd-fp16", "odd-torch-fp16", "even-fp32"].map((name) =>
        openCheckpoint(fixture(name)),
      ),
    );
    const prints = checkpoints.map(({ fingerprint }) => fingerprint);
    expect(prints.slice(0, 2)).toEqual([reference.fingerprint, reference.fingerprint]);
    expect(prints[3]).toBe(prints[2]);
    expect(new Set([reference.fingerprint, ...prints]).size).toBe(3);
    const hashes = await Promise.all(checkpoints.map((checkpoint) => hashWeights(checkpoint)));
    expect(hashes.slice(0, 2)).toEqual([await hashWeights(reference), hashes[0]]);
    expect(hashes[3]).toBe(hashes[2]);
    expect(new Set(hashes).size).toBe(3);
  });

  test("reports format and bytes", async () => {
    const torch = await openCheckpoint(fixture("odd-torch-fp16"));
    expect([reference.format, torch.format]).toEqual(["safetensors", "torch"]);
    expect(reference.bytes).toBe(2 * torch.bytes);
    expect(reference.config.model_type).toBe("gptj");
  });

  test("leaves out the attention-mask buffers that old files carry", async () => {
    const bytes = await readFile(join(fixture("odd-torch-fp16"), "pytorch_model.bin"), "latin1");
    expect(bytes).toContain("transformer.h.0.attn.masked_bias");
    const { weights, otherTypes } = await openCheckpoint(fixture("odd-torch-fp16"));
    expect([...weights.keys(), ...otherTypes.keys()].filter((name) => /attn\.(masked_)?bias/.test(name))).toEqual([]);
  });
});

test("follows the links of a Hub cache to the real files", async () => {
  const cache = temporaryFolder();
  const snapshot = join(cache, "snapshots", "main");
  mkdirSync(join(cache, "blobs"));
  cpSync(fixture("odd-sharded-fp32"), snapshot, { recursive: true });
  for (const [i, name] of ["config.json", ...shardsOf(3)].entries()) {
    renameSync(join(snapshot, name), join(cache, "blobs", `blob${i}`));
    symlinkSync(relative(snapshot, join(cache, "blobs", `blob${i}`)), join(snapshot, name));
  }
  const checkpoint = await openCheckpoint(snapshot);
  expect(checkpoint.fingerprint).toBe((await openCheckpoint(fixture("odd-fp32"))).fingerprint);
  const files = new Set([...checkpoint.weights.values()].map(({ file }) => file));
  expect([...files].every((file) => /blobs.blob\d$/.test(file))).toBe(true);
});

test("prefers safetensors, and one file to shards", async () => {
  const folder = temporaryFolder();
  cpSync(fixture("odd-torch-fp16"), folder, { recursive: true });
  cpSync(fixture("odd-sharded-fp32"), folder, { recursive: true });
  expect((await openCheckpoint(folder)).format).toBe("safetensors");
  cpSync(join(fixture("odd-fp16"), "model.safetensors"), join(folder, "model.safetensors"));
  expect((await openCheckpoint(folder)).weights.get("lm_head.bias")?.type).toBe("F16");
});

test("a changed number changes the hash, a changed row the fingerprint", async () => {
  const folder = temporaryFolder();
  cpSync(fixture("odd-fp32"), folder, { recursive: true });
  const before = await openCheckpoint(folder);
  const hash = await hashWeights(before);
  const { file, offset, length } = requireWeight(before, "transformer.h.1.mlp.fc_out.weight", [48, 192]);
  const change = async (at: number) => {
    const bytes = await readFile(file);
    bytes[at] = (bytes[at] as number) ^ 1;
    await writeFile(file, bytes);
  };
  await change(offset + 10_000);
  expect(await hashWeights(before)).not.toBe(hash);
  await change(offset + length - 4);
  expect((await openCheckpoint(folder)).fingerprint).not.toBe(before.fingerprint);
});

describe("weights by name", () => {
  test("are found in a base model's checkpoint, whose names lack the first part", async () => {
    const header = { "h.0.ln_1.weight": { dtype: "F32", shape: [2], data_offsets: [0, 8] } };
    const checkpoint = await openCheckpoint(await checkpointFolder({ "model.safetensors": safetensors(header, 8) }));
    expect(findWeight(checkpoint, "transformer.h.0.ln_1.weight")?.shape).toEqual([2]);
    expect(findWeight(checkpoint, "lm_head.h.0.ln_1.weight")).toBeUndefined();
  });

  test("missing, of another shape or of another type: each its own error", async () => {
    const header = {
      short: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      whole: { dtype: "I64", shape: [1], data_offsets: [24, 32] },
      eight: { dtype: "F8_E4M3", shape: [3], data_offsets: [32, 35] },
    };
    const checkpoint = await openCheckpoint(await checkpointFolder({ "model.safetensors": safetensors(header, 35) }));
    const attempt = async (name: string, shape: number[]) => requireWeight(checkpoint, name, shape);
    expect((await attempt("short", [2, 3])).length).toBe(24);
    await expectError(attempt("none", [1]), "checkpoint", '"none" is missing', checkpoint.folder);
    await expectError(attempt("short", [3, 2]), "checkpoint", '"short"', "[2, 3]", "[3, 2]", "model.safetensors");
    await expectError(attempt("short", [6]), "checkpoint", "[6]");
    await expectError(attempt("whole", [1]), "checkpoint", '"whole" is stored as I64', "float16");
    await expectError(attempt("eight", [3]), "checkpoint", '"eight" is stored as F8_E4M3');
  });
});

test("stops when it is cancelled", async () => {
  const signal = AbortSignal.abort();
  await expect(openCheckpoint(fixture("odd-fp32"), { signal })).rejects.toSatisfy((e) => RomeError.is(e, "cancelled"));
  const checkpoint = await openCheckpoint(fixture("odd-fp32"));
  await expect(hashWeights(checkpoint, { signal })).rejects.toSatisfy((e) => RomeError.is(e, "cancelled"));
});

function shardsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `model-0000${i + 1}-of-0000${count}.safetensors`);
}
