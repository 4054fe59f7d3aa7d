import { cpSync, mkdirSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { unreadable } from "../../../src/engine/checkpoint/sourceFile.ts";
import { checkpointFolder, expectError, safetensors, temporaryFolder } from "../../support/checkpointBuilders.ts";
import { fixturePath } from "../../support/fixtures.ts";

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

/** A copy of a fixture's folder. */
function copy(name: string): string {
  const folder = temporaryFolder();
  cpSync(fixturePath("checkpoints", name), folder, { recursive: true });
  return folder;
}

const refused = (folder: string, ...parts: string[]) => expectError(openCheckpoint(folder), "checkpoint", ...parts);

describe("folders", () => {
  test("missing, a file, empty", async () => {
    const folder = temporaryFolder();
    await refused(join(folder, "none"), join(folder, "none"), "does not exist");
    await refused(join(fixturePath("checkpoints", "odd-fp32"), "config.json"), "Give the folder");
    await refused(folder, folder, "no config.json");
  });

  test("without weights, or with other programs' weights", async () => {
    await refused(await checkpointFolder({}), "no weights", "model.safetensors");
    await refused(await checkpointFolder({ "model.gguf": "GGUF" }), "no weights", "only model.gguf");
  });

  test.each([
    ["not json", "{", "not valid JSON"],
    ["a list", "[1]", "not a JSON object"],
    ["nothing", "", "not valid JSON"],
    ["null", "null", "not a JSON object"],
    ["bottomless", "[".repeat(200_000), "not valid JSON"],
  ])("whose config.json is %s", async (_, text, message) => {
    const folder = copy("odd-fp32");
    await writeFile(join(folder, "config.json"), text);
    await refused(folder, "config.json", message);
  });

  test("whose config.json is nested very deeply are read or refused, and never break the program", async () => {
    const folder = copy("odd-fp32");
    await writeFile(join(folder, "config.json"), `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    await openCheckpoint(folder);
  });

  test("with links that lead nowhere", async () => {
    const folder = copy("odd-fp32");
    rmSync(join(folder, "model.safetensors"));
    symlinkSync("../../blobs/none", join(folder, "model.safetensors"));
    await refused(folder, "model.safetensors is missing", "download");
    rmSync(join(folder, "model.safetensors"));
    symlinkSync("model.safetensors", join(folder, "model.safetensors"));
    await refused(folder, "link that leads to itself");
  });

  test("with a folder in the weights' place", async () => {
    const folder = await checkpointFolder({});
    mkdirSync(join(folder, "model.safetensors"));
    await refused(folder, "model.safetensors is not a file");
  });

  test("that may not be read", async () => {
    // The system's error by hand: a test that runs as root may read everything.
    const cause = Object.assign(new Error(), { code: "EACCES" });
    await expectError(
      Promise.reject(unreadable("/models/x", "checkpoint", cause)),
      "checkpoint",
      "/models/x may not be read",
    );
  });
});

describe("safetensors files", () => {
  const cases: [string, Buffer, ...string[]][] = [
    ["empty", Buffer.alloc(0), "0 bytes are too few"],
    ["a header length that lies", safetensors({}, 8, 1n << 40n), "header claims 1099511627776 bytes"],
    ["the largest header length", safetensors({}, 8, (1n << 64n) - 1n), "header claims 18446744073709551615 bytes"],
    ["a header length one too long", safetensors({}, 0, 3n), "header claims 3 bytes"],
    [
      "a Git LFS pointer",
      Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
      "git lfs pull",
    ],
    ["no JSON", safetensors("hello, weights"), "its header: it is not valid JSON"],
    ["a list for a header", safetensors([]), "not a JSON object"],
    ["an entry of the wrong form", safetensors({ a: 1 }), 'the tensor "a" has a bad entry'],
    ["a negative offset", safetensors({ a: entry(-4, 0, [1]) }), '"a"', "negative"],
    ["a fraction in the shape", safetensors({ a: entry(0, 4, [0.5]) }, 4), '"a"', "shape.0"],
    ["a shape beyond exact numbers", safetensors({ a: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4), '"a"', "does not fit"],
    ["an unknown type", safetensors({ a: entry(0, 4, [1], "F12") }, 4), '"a"', "F12"],
    ["an end before the beginning", safetensors({ a: entry(8, 4, [1]) }, 8), '"a" ends (4) before it begins (8)'],
    ["a tensor outside the file", safetensors({ a: entry(0, 400) }, 4), '"a" lies at bytes', "outside the file"],
    ["a shape that does not fit", safetensors({ a: entry(0, 8, [3]) }, 8), '"a" of type F32 and shape [3]', "8 bytes"],
    ["tensors that overlap", safetensors({ a: entry(0, 8), b: entry(4, 12) }, 12), '"a" and "b" overlap'],
    ["a gap", safetensors({ a: entry(0, 8), b: entry(12, 16) }, 16), 'gap of 4 bytes between "a" and "b"'],
    ["bytes after the last tensor", safetensors({ a: entry(0, 8) }, 12), "describes", "but the file has"],
    ["metadata that is no text", safetensors({ __metadata__: { format: 1 }, a: entry(0, 4) }, 4), "__metadata__"],
    ["names that steer a terminal", safetensors({ "\u001b[2J\u202e": 1 }), "\uFFFD[2J\uFFFD"],
    ["endless names", safetensors({ ["x".repeat(100_000)]: 1 }), "xxx…"],
  ];
  test.each(cases)("with %s", async (_, contents, ...parts) => {
    const folder = await checkpointFolder({ "model.safetensors": contents });
    await refused(folder, join(folder, "model.safetensors"), ...parts);
  });

  test("cut short, at any of many places", async () => {
    const folder = copy("odd-fp32");
    for (const size of [502_495, 400_000, 5_000, 3_000, 100, 9, 8, 3]) {
      truncateSync(join(folder, "model.safetensors"), size);
      await refused(folder, "model.safetensors is damaged or incomplete", "again");
    }
  });

  test("with empty and scalar tensors, and names of JavaScript's own properties", async () => {
    const header = `{"__proto__":${JSON.stringify(entry(0, 4, []))},"constructor":${JSON.stringify(entry(4, 4, [0, 7]))}}`;
    const { weights } = await openCheckpoint(await checkpointFolder({ "model.safetensors": safetensors(header, 4) }));
    expect([...weights.values()].map(({ name, shape }) => [name, shape])).toEqual([
      ["__proto__", []],
      ["constructor", [0, 7]],
    ]);
  });
});

describe("sharded checkpoints", () => {
  const index = "model.safetensors.index.json";
  const shard = "model-00002-of-00003.safetensors";

  test("with a shard missing, cut short or exchanged", async () => {
    const folder = copy("odd-sharded-fp32");
    const path = join(folder, shard);
    const contents = await readFile(path);
    rmSync(path);
    await refused(folder, path, "is missing", index);
    await writeFile(path, contents.subarray(0, -1));
    await refused(folder, path, "outside the file");
    cpSync(join(folder, "model-00001-of-00003.safetensors"), path);
    const { notes, weights } = await openCheckpoint(folder);
    expect(notes[0]).toMatch(/index.json lists "transformer.h.1..* which no shard has/);
    expect([...weights.keys()].some((name) => name.startsWith("transformer.h.1.attn"))).toBe(false);
  });

  test("whose index names other shards, or weights that are nowhere, hold what their shards hold", async () => {
    const folder = copy("odd-sharded-fp32");
    const { weight_map: map } = JSON.parse(await readFile(join(folder, index), "utf8"));
    const moved = Object.keys(map).find((name) => map[name] !== shard) as string;
    const changed = { ...map, [moved]: shard, "nowhere.weight": shard };
    await writeFile(join(folder, index), JSON.stringify({ weight_map: changed }));
    const { notes, weights } = await openCheckpoint(folder);
    const straight = await openCheckpoint(fixturePath("checkpoints", "odd-sharded-fp32"));
    expect([...weights.keys()].sort()).toEqual([...straight.weights.keys()].sort());
    expect(notes.join()).toContain('"nowhere.weight" which no shard has');
    expect(notes.join()).toContain(`"${moved}" in a shard that does not have it`);
  });

  test.each(["../model.safetensors", "/etc/passwd", "..", ".", "", "a\\b", "c:x", "a\0b"])(
    "whose index names the file %j",
    async (name) => {
      const folder = await checkpointFolder({ [index]: JSON.stringify({ weight_map: { a: name } }) });
      await refused(folder, index, "no file in its folder");
    },
  );

  test.each([
    ["[]", "weight_map"],
    ["{}", '"weight_map": it is missing'],
    ['{"weight_map":{"a":1}}', "weight_map.a"],
    ["{", "not valid JSON"],
  ])("whose index is %s", async (text, message) => {
    await refused(await checkpointFolder({ [index]: text }), index, message);
  });

  test("take each weight from the shard that the index names", async () => {
    const header = { a: entry(0, 4), b: entry(4, 8) };
    const folder = await checkpointFolder({
      [index]: JSON.stringify({ weight_map: { a: "1.safetensors", b: "2.safetensors" } }),
      "1.safetensors": safetensors(header, 8),
      "2.safetensors": safetensors(header, 8),
    });
    const { weights } = await openCheckpoint(folder);
    expect([...weights.values()].map(({ name, file }) => name + file.at(-13))).toEqual(["a1", "b2"]);
  });
});
