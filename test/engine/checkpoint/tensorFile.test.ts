import { mkdirSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSafetensors, writeSafetensors, writeSafetensorsRows } from "../../../src/engine/checkpoint/tensorFile.ts";
import { unwritable, writeAtomically } from "../../../src/engine/files/atomicWrite.ts";
import { expectError, safetensors, temporaryFolder } from "../../support/checkpointBuilders.ts";
import { fixturePath } from "../../support/fixtures.ts";

const tensors = {
  delta: { shape: [2, 3], data: Float32Array.of(1, -2.5, Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-45) },
  "sum of kkᵀ": { shape: [2], data: Float64Array.of(Math.PI, 1e300) },
  none: { shape: [0, 4], data: new Float32Array(0) },
  scalar: { shape: [], data: Float32Array.of(7) },
};

describe("our own data files", () => {
  test("come back bit for bit, with their metadata", async () => {
    const path = join(temporaryFolder(), "deltas.safetensors");
    const metadata = { prompt: 'Name: {}. "Gender":\n', tokens: "12" };
    await writeSafetensors(path, tensors, metadata);
    const read = await readSafetensors(path);
    expect(read.metadata).toEqual(metadata);
    expect(Object.fromEntries(read.tensors)).toEqual(tensors);
    expect(Object.is(read.tensors.get("delta")?.data[4], -0)).toBe(true);
  });

  test("are the same bytes for the same contents, with tensors at multiples of their element size", async () => {
    const folder = temporaryFolder();
    const paths = ["a", "b"].map((name) => join(folder, name));
    for (const path of paths) await writeSafetensors(path, tensors, { name: "x" });
    const [a, b] = await Promise.all(paths.map((path) => readFile(path)));
    expect(a).toEqual(b);
    expect(a?.readBigUInt64LE()).toBe(BigInt(Math.ceil(Number(a?.readBigUInt64LE()) / 8) * 8));
    expect(a?.readDoubleLE(8 + Number(a.readBigUInt64LE()))).toBe(Math.PI);
  });

  test("are the same bytes when their rows come in blocks; too few rows leave no file", async () => {
    const folder = temporaryFolder();
    const delta = Float32Array.of(1, 2, 3, 4, 5, 6);
    const key = Float32Array.of(7, 8, 9);
    await writeSafetensors(join(folder, "whole"), {
      delta: { shape: [3, 2], data: delta },
      key: { shape: [3, 1], data: key },
    });
    async function* blocks(...rows: [number, number][]) {
      for (const [from, to] of rows) yield { key: key.subarray(from, to), delta: delta.subarray(2 * from, 2 * to) };
    }
    const widths = { delta: 2, key: 1 };
    await writeSafetensorsRows(join(folder, "blocks"), 3, widths, blocks([0, 2], [2, 3]));
    expect(await readFile(join(folder, "blocks"))).toEqual(await readFile(join(folder, "whole")));
    await expect(writeSafetensorsRows(join(folder, "few"), 3, widths, blocks([0, 2]))).rejects.toThrow("3 rows");
    expect(readdirSync(folder).sort()).toEqual(["blocks", "whole"]);
  });

  test("of float16 are read as float32", async () => {
    const path = join(temporaryFolder(), "half");
    const halves = Uint8Array.of(0x00, 0x3c, 0x00, 0xc1, 0x01, 0x00);
    await writeFile(path, safetensors({ delta: { dtype: "F16", shape: [3], data_offsets: [0, 6] } }, halves));
    expect((await readSafetensors(path)).tensors.get("delta")?.data).toEqual(Float32Array.of(1, -2.5, 2 ** -24));
  });

  test("may be parts of larger arrays", async () => {
    const path = join(temporaryFolder(), "part");
    await writeSafetensors(path, { part: { shape: [2], data: Float32Array.of(1, 2, 3, 4).subarray(1, 3) } });
    expect((await readSafetensors(path)).tensors.get("part")?.data).toEqual(Float32Array.of(2, 3));
  });

  test("written by Python are read", async () => {
    const { tensors } = await readSafetensors(fixturePath("covariance", "odd-fp32-layer1.safetensors"));
    const [[, { shape, data }]] = [...tensors] as [[string, { shape: number[]; data: Float32Array }]];
    expect(shape).toEqual([192, 192]);
    // A second moment: symmetric, with a positive diagonal.
    for (let i = 0; i < 192; i++) {
      expect(data[i * 192 + i]).toBeGreaterThan(0);
      expect(data[i * 192 + 7]).toBeCloseTo(data[7 * 192 + i] as number, 5);
    }
  });

  test("that are missing, damaged or of another type are errors of the data", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "deltas.safetensors");
    await expectError(readSafetensors(path), "data", path, "does not exist");
    await writeSafetensors(path, tensors);
    await writeFile(path, (await readFile(path)).subarray(0, -1));
    await expectError(readSafetensors(path), "data", path, "outside the file", "made again");
    await writeFile(path, safetensors({ ids: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, 8));
    await expectError(readSafetensors(path), "data", path, '"ids" as I64');
  });

  test("whose shape is not that of their numbers are not written", async () => {
    const path = join(temporaryFolder(), "x");
    await expect(writeSafetensors(path, { x: { shape: [3], data: new Float32Array(2) } })).rejects.toThrow(TypeError);
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });
});

describe("a file written whole or not at all", () => {
  test("replaces the old one only when it is complete, and leaves nothing behind", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "report.json");
    await writeAtomically(path, [Buffer.from("old")]);
    async function* interrupted() {
      yield Buffer.from("new");
      expect(await readFile(path, "utf8")).toBe("old");
      throw new RangeError("interrupted");
    }
    await expect(writeAtomically(path, interrupted())).rejects.toThrow(RangeError);
    expect(await readFile(path, "utf8")).toBe("old");
    await writeAtomically(path, [Buffer.from("ne"), Buffer.from("w")]);
    expect(await readFile(path, "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual(["report.json"]);
  });

  test("fails as an error of the disk, that says what to do", async () => {
    const folder = temporaryFolder();
    await expectError(writeAtomically(join(folder, "none", "x"), []), "disk", "Make the folder first");
    mkdirSync(join(folder, "taken"));
    await expectError(writeAtomically(join(folder, "taken"), [Buffer.from("x")]), "disk", "folder of that name");
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  // A device that is always full: nothing can be renamed over it, but its error is the system's own.
  test.runIf(process.platform === "linux")("says that the disk is full", async () => {
    const error = await writeFile("/dev/full", "x").catch((cause) => unwritable("/data/deltas", cause));
    await expectError(Promise.reject(error), "disk", "/data/deltas", "disk is full");
  });
});
