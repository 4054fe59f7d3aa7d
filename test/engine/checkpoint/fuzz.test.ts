import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, vi } from "vitest";
import { hashWeights } from "../../../src/engine/checkpoint/fingerprint.ts";
import { openCheckpoint } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { readSafetensors, writeSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { loadTokenizer } from "../../../src/engine/checkpoint/tokenizer.ts";
import {
  pickle,
  safetensors,
  stateDict,
  storageEntry,
  temporaryFolder,
  writeZip,
} from "../../support/checkpointBuilders.ts";
import { type Random, rounds, survives, workbench } from "../../support/fuzz.ts";

vi.setConfig({ testTimeout: 120_000 * rounds });

/**
 * Damages a copy of `bytes`: cut, flipped, overwritten, moved or repeated, mostly in `places`, the parts that say
 * what the rest is.
 */
function damaged(bytes: Buffer, places: readonly [begin: number, end: number][], random: Random): Buffer {
  let result = Buffer.from(bytes);
  for (let times = 1 + random(3); times > 0; times--) {
    const [begin, end] = places[random(places.length)] as [number, number];
    const at = Math.min(begin + random(end - begin), result.length - 1);
    if (at < 0) return result;
    switch (random(7)) {
      case 0:
        result = result.subarray(0, random(4) ? at : random(result.length));
        break;
      case 1:
      case 2:
        result.writeUInt8((result[at] as number) ^ (1 << random(8)), at);
        break;
      case 3:
        result.writeUInt8(random(256), at);
        break;
      case 4:
        // Numbers where lengths and offsets go wrong.
        Buffer.from(random(2) ? "ffffffffffffffff" : "0000000000000080", "hex").copy(result, at);
        break;
      case 5:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + random(16))]);
        break;
      default:
        result = Buffer.concat([
          result.subarray(0, at),
          result.subarray(Math.max(0, at - random(64)), at),
          result.subarray(at),
        ]);
    }
  }
  return result;
}

test.each([
  ["odd-fp16", "model.safetensors"],
  ["odd-sharded-fp32", "model-00002-of-00003.safetensors"],
])("%s/%s damaged at random", async (fixture, file) => {
  const { path, original, open } = workbench(fixture, file);
  const header = 8 + Number(original.readBigUInt64LE());
  await survives(700, 1, ["checkpoint"], (random) => {
    writeFileSync(
      path,
      damaged(
        original,
        [
          [0, 16],
          [0, header],
          [0, header],
          [0, original.length],
        ],
        random,
      ),
    );
    return open();
  });
});

test.each([
  ["odd-torch-bf16", "pytorch_model.bin"],
  ["odd-torch-sharded-fp16", "pytorch_model-00001-of-00002.bin"],
])("%s/%s damaged at random", async (fixture, file) => {
  const { path, original, open } = workbench(fixture, file);
  const pickleEnd = original.indexOf("PK\x03\x04", 4, "latin1");
  const directory = original.indexOf("PK\x01\x02", 0, "latin1");
  await survives(1_000, 2, ["checkpoint"], (random) => {
    const places: [number, number][] = [
      [0, pickleEnd],
      [64, pickleEnd],
      [directory, original.length],
      [original.length - 22, original.length],
    ];
    writeFileSync(path, damaged(original, [...places, [0, original.length]], random));
    return open();
  });
});

test.each(["config.json", "model.safetensors.index.json"])("%s damaged at random", async (file) => {
  const { path, original, open } = workbench("odd-sharded-fp32", file);
  await survives(300, 3, ["checkpoint"], (random) => {
    writeFileSync(path, damaged(original, [[0, original.length]], random));
    return open();
  });
});

test("tokenizers damaged at random", async () => {
  const { folder, path, original } = workbench("odd-fp32", "tokenizer.json");
  await survives(400, 4, ["tokenizer"], async (random) => {
    writeFileSync(
      path,
      damaged(
        original,
        [
          [0, 1000],
          [0, original.length],
        ],
        random,
      ),
    );
    const tokenizer = await loadTokenizer(folder);
    tokenizer.decode(tokenizer.encode("Name: Zoë <|endoftext|> 🙂\0\ufeff"));
  });
});

test("our own data files damaged at random", async () => {
  const path = join(temporaryFolder(), "deltas.safetensors");
  await writeSafetensors(path, { delta: { shape: [3, 4], data: new Float32Array(12) } }, { seed: "1" });
  const original = readFileSync(path);
  await survives(500, 5, ["data"], (random) => {
    writeFileSync(path, damaged(original, [[0, original.length]], random));
    return readSafetensors(path);
  });
});

test("pickles of instructions at random", async () => {
  const { path, open } = emptyBench();
  const plain = stateDict({ w: { storage: "0", elements: 6, shape: [2, 3] } });
  const pieces = [
    ...Array.from({ length: 256 }, (_, code) => Buffer.from([code])),
    ...Array.from("(()}]tu.sabRQq\0h\0", (code) => Buffer.from(code)),
    pickle.global("os", "system"),
    pickle.global("collections", "OrderedDict"),
    pickle.global("torch._utils", "_rebuild_tensor_v2"),
    pickle.text("w"),
    pickle.whole(6),
    plain.subarray(2, -1),
    Buffer.from("X\xff\xff\xff\xff", "latin1"),
    Buffer.from("r\xff\xff\xff\xff", "latin1"),
    Buffer.from("j\xff\xff\xff\xff", "latin1"),
    Buffer.alloc(5_000, "("),
    Buffer.alloc(5_000, "]"),
    Buffer.alloc(5_000, 0x85),
  ];
  await survives(1_200, 6, ["checkpoint"], async (random) => {
    const parts = Array.from({ length: random(40) }, () => pieces[random(pieces.length)] as Buffer);
    const start = random(2) ? plain.subarray(0, -1) : Buffer.alloc(0);
    await writeZip(path, [
      { name: "a/data.pkl", data: Buffer.concat([start, ...parts]) },
      { ...storageEntry("0", 24), name: "a/data/0" },
    ]);
    return open();
  });
});

test("zip directories with claims at random", async () => {
  const { path, open } = emptyBench();
  const data = stateDict({
    w: { storage: "0", elements: 6, shape: [2, 3] },
    x: { storage: "1", elements: 6, shape: [6] },
  });
  const sizes = [0, 1, 23, 24, 25, 4096, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER];
  const maybe = (random: Random, values: readonly number[]) => (random(3) ? undefined : values[random(values.length)]);
  await survives(600, 7, ["checkpoint"], async (random) => {
    const claims = () => ({
      size: maybe(random, sizes),
      stored: maybe(random, sizes),
      at: maybe(random, sizes),
      method: maybe(random, [0, 8, 99]),
      flags: maybe(random, [0, 1, 8]),
      localName: random(8) ? undefined : "archive/../../etc/passwd",
    });
    await writeZip(path, [
      { name: "archive/data.pkl", data, claims: random(2) ? {} : claims() },
      { ...storageEntry("0", 24), claims: claims() },
      { ...storageEntry("1", 24), claims: random(2) ? {} : claims() },
    ]);
    return open();
  });
});

test("safetensors headers of anything at random", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.json"), "{}");
  const path = join(folder, "model.safetensors");
  const numbers = [0, 4, 8, -1, 0.5, 2 ** 31, 2 ** 53, 1e308, "4", null, [], {}, true];
  await survives(900, 8, ["checkpoint"], (random) => {
    const pick = <T>(values: readonly T[]) => values[random(values.length)] as T;
    const entry = () => ({
      dtype: pick(["F32", "F16", "F4", "I64", "x", 1, null, "constructor"]),
      shape: pick([[], [1], [2], [0], [2 ** 30, 2 ** 30, 2 ** 30], Array(1000).fill(1), [pick(numbers)], "2", null]),
      data_offsets: pick([[0, 4], [4, 8], [0, 8], [0, 0], [8, 4], [pick(numbers), pick(numbers)], [0], null]),
    });
    const names = ["a", "b", "__metadata__", "__proto__", "constructor", "../x", "\0", ""];
    const fields = Array.from(
      { length: random(4) },
      () => `${JSON.stringify(pick(names))}:${JSON.stringify(random(9) ? entry() : pick(numbers))}`,
    );
    const nested = random(20) ? "" : `,"n":${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const text = `{${fields.join()}${fields.length ? nested : ""}}`;
    const length = random(5) ? undefined : BigInt(pick([0, 1, text.length - 1, text.length + 1, 2 ** 40]));
    writeFileSync(path, safetensors(text, random(12), length));
    return openCheckpoint(folder);
  });
});

function emptyBench() {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.json"), "{}");
  return {
    path: join(folder, "pytorch_model.bin"),
    open: () => openCheckpoint(folder).then((opened) => hashWeights(opened)),
  };
}
