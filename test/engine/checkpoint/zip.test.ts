import { copyFile, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCheckpoint, requireWeight } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { Model } from "../../../src/engine/model/model.ts";
import {
  checkpointFolder,
  expectError,
  numbers,
  stateDict,
  storageEntry,
  type TensorSpec,
  torchFolder,
  writeZip,
  type ZipEntrySpec,
} from "../../support/checkpointBuilders.ts";
import { fixturePath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const refused = (folder: string, ...parts: string[]) =>
  expectError(openCheckpoint(folder), "checkpoint", "pytorch_model.bin", ...parts);

describe("zip files", () => {
  const dictionary = stateDict({
    w: { storage: "0", elements: 6, shape: [6] },
    x: { storage: "1", elements: 6, shape: [6] },
  });

  test("with plain entries are read, whatever else is in them", async () => {
    const folder = await torchFolder(dictionary, [
      storageEntry("0", 24),
      storageEntry("1", 24),
      { name: "archive/version", data: Buffer.from("3\n") },
    ]);
    expect((await openCheckpoint(folder)).weights.size).toBe(2);
  });

  const bad: [string, ZipEntrySpec, ...string[]][] = [
    ["a compressed entry", storageEntry("1", 24, { method: 8, stored: 5 }), "data/1", "compressed"],
    ["an encrypted entry", storageEntry("1", 24, { flags: 0x801 }), "data/1", "encrypted"],
    [
      "an entry larger than stored",
      storageEntry("1", 24, { size: 2 ** 31, stored: 24 }),
      "data/1",
      "claims 2147483648 bytes in 24",
    ],
    [
      "an entry that reaches beyond the contents",
      storageEntry("1", 24, { size: 2 ** 30 }),
      "data/1",
      "overlaps what follows",
    ],
    ["an entry of terabytes", storageEntry("1", 24, { size: 2 ** 42 }), "data/1", "overlaps what follows"],
    ["an entry outside the file", storageEntry("1", 24, { at: 2 ** 40 }), "data/1"],
    ["an entry over another", storageEntry("1", 24, { at: 0 }), "data"],
    ["an entry in the middle of nowhere", storageEntry("1", 24, { at: 100 }), "overlaps"],
    [
      "another name in its place",
      storageEntry("1", 24, { localName: "archive/data/9" }),
      "data/1",
      "not where the directory says",
    ],
    ["one name twice", { ...storageEntry("0", 24) }, "data/0", "twice"],
    ["the other byte order", { name: "archive/byteorder", data: Buffer.from("big") }, "byte order"],
    ["a program", { name: "archive/constants.pkl", data: Buffer.from("N.") }, "TorchScript"],
    ["two pickles", { name: "other/data.pkl", data: Buffer.from("N.") }, "not one by torch.save"],
  ];
  test.each(bad)("with %s", async (_, entry, ...parts) => {
    const others = [storageEntry("0", 24), ...(entry.name.endsWith("data/1") ? [] : [storageEntry("1", 24)])];
    await refused(await torchFolder(dictionary, [...others, entry]), ...parts);
  });

  test("whose pickle is compressed", async () => {
    const folder = await checkpointFolder({});
    const name = "archive/data.pkl";
    await writeZip(join(folder, "pytorch_model.bin"), [
      { name, data: dictionary, claims: { method: 8, size: 2 ** 31, stored: 9 } },
    ]);
    await refused(folder, "data.pkl", "compressed");
  });

  test("cut short, at any of many places", async () => {
    const contents = await readFile(fixturePath("checkpoints", "odd-torch-fp32", "pytorch_model.bin"));
    for (const size of [contents.length - 1, contents.length - 30, 500_000, 100_000, 3_000, 60, 22, 10, 4, 1, 0]) {
      await refused(
        await checkpointFolder({ "pytorch_model.bin": contents.subarray(0, size) }),
        "is damaged or incomplete",
      );
    }
  });

  test("that are none", async () => {
    const old = Buffer.from("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", "latin1");
    await refused(await checkpointFolder({ "pytorch_model.bin": old }), "before 1.6", "torch.save(torch.load(");
    const tar = Buffer.alloc(1024);
    tar.write("ustar", 257);
    await refused(await checkpointFolder({ "pytorch_model.bin": tar }), "before 1.6");
    await refused(
      await checkpointFolder({ "pytorch_model.bin": "version https://git-lfs.github.com/spec/v1" }),
      "git lfs pull",
    );
    await refused(await checkpointFolder({ "pytorch_model.bin": "<!doctype html>" }), "not a torch file");
  });

  test("with more directory than any model needs", async () => {
    const folder = await checkpointFolder({});
    const end = Buffer.concat([numbers([4, 0x06054b50], [4, 0], [2, 1], [2, 1], [4, 2 ** 24], [4, 4], [2, 0])]);
    await writeFile(
      join(folder, "pytorch_model.bin"),
      Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(2 ** 24), end]),
    );
    await refused(folder, "zip directory claims 16777216 bytes");
  });
});

// Windows' files have holes only when asked for: it would write 26 GB.
test.skipIf(process.platform === "win32")(
  "a file of 26 GB with places beyond 4 GiB is opened without reading it",
  async () => {
    const rows = 50_400;
    const storages: [string, number][] = [
      ["transformer.wte.weight", rows * 65_536],
      ["lm_head.weight", rows * 65_536],
      ["lm_head.bias", rows],
    ];
    const folder = await torchFolder(
      stateDict(
        Object.fromEntries(
          storages.map(([name, elements], i) => [name, { storage: `${i}`, elements, shape: [rows, elements / rows] }]),
        ),
      ),
      storages.map(([, elements], i) => ({
        name: `archive/data/${i}`,
        data: Buffer.from([i + 1]),
        size: elements * 4,
      })),
    );
    const { size, blocks } = await stat(join(folder, "pytorch_model.bin"));
    expect(size).toBeGreaterThan(26e9);
    expect(blocks * 512).toBeLessThan(2 ** 22);
    const before = process.memoryUsage().rss;
    const checkpoint = await openCheckpoint(folder);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26);
    const bias = requireWeight(checkpoint, "lm_head.bias", [rows, 1]);
    expect(bias.offset).toBeGreaterThan(26e9);
    const handle = await open(bias.file);
    for (const [i, [name]] of storages.entries()) {
      const { offset } = checkpoint.weights.get(name) as { offset: number };
      expect((await handle.read(Buffer.alloc(2), 0, 2, offset)).buffer).toEqual(Buffer.from([i + 1, 0]));
    }
    await handle.close();
  },
);

test.skipIf(process.platform === "win32")(
  "weights that lie beyond 4 GiB of a torch file give the same logits as in a small one",
  async () => {
    const small = fixturePath("checkpoints", "odd-fp32");
    const { weights } = await openCheckpoint(small);
    const stored = [...weights.values()];
    const hole = 5 * 2 ** 30;
    const tensors = stored.map(({ name, shape, length }, i): [string, TensorSpec] => [
      name,
      { storage: `${i + 1}`, elements: length / 4, shape },
    ]);
    const entries = stored.map(async ({ file, offset, length }, i): Promise<ZipEntrySpec> => {
      const handle = await open(file);
      const { buffer: data } = await handle.read(Buffer.alloc(length), 0, length, offset);
      await handle.close();
      return { name: `archive/data/${i + 1}`, data };
    });
    const first: TensorSpec = { storage: "0", elements: hole / 4, shape: [hole / 4] };
    const folder = await torchFolder(stateDict({ unused: first, ...Object.fromEntries(tensors) }), [
      { name: "archive/data/0", data: Buffer.of(1), size: hole },
      ...(await Promise.all(entries)),
    ]);
    for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"])
      await copyFile(join(small, file), join(folder, file));
    const logitsOf = async (from: string) => {
      const model = await Model.open(from, { policy: "stream", tileElements: 2000 });

      const inputs = { tokens: [[1, 2, 3]], select: [2] };
      const { logits } = await model.forward({ to: model.size.layers - 1, logits: true }, inputs, quietRun());
      return logits;
    };
    const far = await logitsOf(folder);
    expect((await stat(join(folder, "pytorch_model.bin"))).size).toBeGreaterThan(hole);
    expect(far).toEqual(await logitsOf(small));
    const { offset } = requireWeight(
      await openCheckpoint(folder),
      "lm_head.bias",
      weights.get("lm_head.bias")?.shape ?? [],
    );
    expect(offset).toBeGreaterThan(hole);
  },
);
