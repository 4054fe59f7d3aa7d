import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { unpackGguf } from "../../../src/engine/gguf/unpackGguf.ts";
import { RomeError } from "../../../src/protocol/errors.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { fixturePath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";
import { seeded } from "../../support/seeded.ts";

/** Cases; more by hand: FUZZ=20 npx vitest run test/engine/gguf/hostile.test.ts */
const rounds = Number(process.env.FUZZ ?? 1);
vi.setConfig({ testTimeout: 120_000 * rounds });

const original = readFileSync(fixturePath("gguf", "llama-tied-q8_0.gguf"));
const folder = await temporaryFolder();
const path = join(folder, "model.gguf");
const storage = join(folder, "storage");

function unpack(bytes: Buffer) {
  writeFileSync(path, bytes);
  return unpackGguf(path, storage, quietRun());
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
/** A metadata entry that is a string. */
const entry = (key: string, value: string) => Buffer.concat([text(key), u32(8), text(value)]);
interface Tensor {
  readonly name?: string;
  readonly shape?: readonly (number | bigint)[];
  readonly type?: number;
  readonly offset?: number | bigint;
}
const tensor = ({ name = "a", shape = [4], type = 0, offset = 0 }: Tensor) =>
  Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset)]);
/** A whole file of these parts; `counts` are what it claims. */
function file(
  entries: readonly Buffer[],
  tensors: readonly Buffer[],
  data = 64,
  counts: readonly bigint[] = [],
): Buffer {
  const claimed = [counts[0] ?? BigInt(tensors.length), counts[1] ?? BigInt(entries.length)].map(u64);
  const header = Buffer.concat([Buffer.from("GGUF"), u32(3), ...claimed, ...entries, ...tensors]);
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), Buffer.alloc(data)]);
}
const llama = entry("general.architecture", "llama");

describe("a hostile file", () => {
  const cases: [what: string, bytes: Buffer, reason: RomeError["reason"], ...said: string[]][] = [
    ["nothing", Buffer.alloc(0), "checkpoint", "not a GGUF file"],
    ["another kind of file", Buffer.from("PK\x03\x04 and some more bytes of it"), "checkpoint", "not a GGUF file"],
    ["another version", Buffer.concat([Buffer.from("GGUF"), u32(9), Buffer.alloc(32)]), "checkpoint", "version 9"],
    ["2^60 tensors", file([llama], [], 64, [2n ** 60n]), "checkpoint", "claims 1152921504606846976 tensors"],
    ["2^60 entries", file([llama], [], 64, [0n, 2n ** 60n]), "checkpoint", "1152921504606846976 entries"],
    ["a string of 2^60 bytes", file([Buffer.concat([u64(2n ** 60n), Buffer.alloc(20)])], []), "checkpoint", "header"],
    [
      "a list of 2^60 strings",
      file([Buffer.concat([text("a"), u32(9), u32(8), u64(2n ** 60n)])], []),
      "checkpoint",
      "header",
    ],
    [
      "lists in lists",
      file(
        [
          Buffer.concat([
            text("a"),
            u32(9),
            ...Array(50)
              .fill([u32(9), u64(1)])
              .flat(),
          ]),
        ],
        [],
      ),
      "checkpoint",
      "header",
    ],
    [
      "an alignment of 3",
      file([llama, Buffer.concat([text("general.alignment"), u32(4), u32(3)])], [tensor({})]),
      "checkpoint",
      "alignment",
    ],
    ["a tensor beyond the end", file([llama], [tensor({ offset: 4096 })]), "checkpoint", '"a"', "outside the file"],
    ["a tensor at 2^63", file([llama], [tensor({ offset: 2n ** 63n })]), "checkpoint", '"a"', "outside the file"],
    ["a tensor of 2^40 numbers", file([llama], [tensor({ shape: [2n ** 20n, 2n ** 20n] })]), "checkpoint", "outside"],
    ["a tensor of no size", file([llama], [tensor({ shape: [0, 4] })]), "checkpoint", "has the shape"],
    ["a tensor of no dimension", file([llama], [tensor({ shape: [] })]), "checkpoint", "has the shape"],
    ["rows that blocks do not divide", file([llama], [tensor({ shape: [33], type: 8 })]), "checkpoint", "Q8_0's 32"],
    ["a type that cannot be unpacked", file([llama], [tensor({ type: 10 })]), "checkpoint", "Q2_K", "Q4_K, Q5_K, Q6_K"],
    ["a type that nobody knows", file([llama], [tensor({ type: 999 })]), "checkpoint", "type 999"],
    [
      "tensors that overlap",
      file([llama], [tensor({}), tensor({ name: "b", offset: 8 })]),
      "checkpoint",
      '"a" and "b" overlap',
    ],
    ["a name twice", file([llama], [tensor({}), tensor({ offset: 32 })]), "checkpoint", "twice"],
    [
      "a part of several",
      file([llama, Buffer.concat([text("split.count"), u32(2), Buffer.from([3, 0])])], []),
      "checkpoint",
      "llama-gguf-split",
    ],
    [
      "a family that is not read",
      file([entry("general.architecture", "mamba")], []),
      "architecture",
      '"mamba"',
      "llama, qwen2, qwen3, gpt2, gptneox",
    ],
    [
      "a family called as JavaScript's own",
      file([entry("general.architecture", "constructor")], []),
      "architecture",
      "constructor",
    ],
    ["no family", file([], []), "architecture", "none named"],
    ["no sizes", file([llama], []), "architecture", "llama.block_count"],
  ];

  test.each(cases)("%s", async (_, bytes, reason, ...said) => {
    await expectError(unpack(bytes), reason, ...said);
  });
});

describe("metadata that does not fit", () => {
  /** The fixture with one string in it replaced by another of the same length. */
  const replaced = (from: string, to: string) => {
    const bytes = Buffer.from(original);
    const at = bytes.indexOf(from);
    expect(at).toBeGreaterThan(0);
    expect(to.length).toBe(from.length);
    bytes.write(to, at, "latin1");
    return bytes;
  };

  test.each([
    [
      "a pre-tokenizer that is not known",
      "smollm",
      "smollM",
      "tokenizer",
      'pre-tokenizer is "smollM"',
      "smollm, starcoder",
    ],
    ["another kind of tokenizer", "gpt2", "bert", "tokenizer", 'kind "bert"'],
    ["a tensor that the family has not", "blk.2.ffn_up", "blk.9.ffn_up", "architecture", '"blk.9.ffn_up.weight"'],
    ["a missing entry", "attention.head_count", "attention.head_COUNT", "architecture", "llama.attention.head_count"],
  ] as const)("%s", async (_, from, to, reason, ...said) => {
    await expectError(unpack(replaced(from, to)), reason, ...said);
  });

  test("a weight that float16 cannot hold", async () => {
    const name = Buffer.from("output_norm.weight");
    const bytes = Buffer.from(original);
    // The entry of a vector: name, 1 dimension, its size, type F32, where it lies.
    const at = bytes.indexOf(name) + name.length + 4 + 8 + 4;
    const size = bytes.length;
    // The data begin at a multiple of 32 behind the last entry; the last tensor ends with the file, padded.
    const start = dataStart(bytes);
    bytes.writeFloatLE(7e4, start + Number(bytes.readBigUInt64LE(at)));
    expect(bytes.length).toBe(size);
    await expectError(unpack(bytes), "checkpoint", '"output_norm.weight"', "float16");
  });
});

/** Where a fixture's data begin: behind the entry of the tensor that was written last. */
function dataStart(bytes: Buffer): number {
  const name = Buffer.from("output_norm.weight");
  const end = bytes.lastIndexOf(name) + name.length + 4 + 8 + 4 + 8;
  return Math.ceil(end / 32) * 32;
}

/** Damages the header, mostly; now and then the weights. */
function damaged(random: (below: number) => number): Buffer {
  let result = Buffer.from(original);
  const header = dataStart(original);
  for (let times = 1 + random(3); times > 0; times--) {
    const at = Math.min(random(8) ? random(random(2) ? 2_000 : header) : random(result.length), result.length - 1);
    switch (random(6)) {
      case 0:
        result = result.subarray(0, random(4) ? at : random(result.length));
        break;
      case 1:
        result.writeUInt8((result[at] as number) ^ (1 << random(8)), at);
        break;
      case 2:
        result.writeUInt8(random(256), at);
        break;
      case 3:
        Buffer.from(random(2) ? "ffffffffffffffff" : "0000000000000080", "hex").copy(result, at);
        break;
      case 4:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + random(16))]);
        break;
      default:
        result = Buffer.concat([
          result.subarray(0, at),
          result.subarray(Math.max(0, at - random(64)), at),
          result.subarray(at),
        ]);
    }
    if (result.length === 0) return result;
  }
  return result;
}

test("a file damaged at random is unpacked or refused, never more", async () => {
  const outcomes = { unpacked: 0, refused: 0 };
  for (let i = 0; i < 250 * rounds; i++) {
    try {
      await unpack(damaged(seeded(17 * 1_000_003 + i)));
      outcomes.unpacked++;
    } catch (error) {
      expect(error, `case ${i}`).toBeInstanceOf(RomeError);
      expect(["checkpoint", "architecture", "tokenizer"], `case ${i}: ${error}`).toContain((error as RomeError).reason);
      outcomes.refused++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(100);
  expect(outcomes.unpacked).toBeGreaterThan(5);
});
