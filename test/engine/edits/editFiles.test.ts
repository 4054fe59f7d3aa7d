/** `.romedit` files: what is written comes back, and nothing else is taken for one. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors, type TensorData, writeSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { compareEdits } from "../../../src/engine/edits/compare.ts";
import { readEditFile, writeEditFile } from "../../../src/engine/edits/editFile.ts";
import {
  combine,
  decodeSaved,
  differencesOf,
  type EditSet,
  encodeSaved,
  liveOf,
  repeated,
  requireFitting,
  type SavedAdapter,
  type SavedEdit,
  without,
} from "../../../src/engine/edits/editSet.ts";
import { Cholesky } from "../../../src/engine/numerics/cholesky.ts";
import { expectError, safetensors, temporaryFolder } from "../../support/checkpointBuilders.ts";
import { cosine, embeddedPath } from "../../support/fixtures.ts";
import { seeded } from "../../support/seeded.ts";

const model = { name: "toy", fingerprint: "ab".repeat(32), architecture: "gptj", layers: 4, width: 6, inner: 10 };
const random = seeded(7);
const vector = (length: number) => Float32Array.from({ length }, () => random(2001) / 1000 - 1);

function edit(name: string, change: Partial<SavedEdit["entry"]> = {}): SavedEdit {
  const entry: SavedEdit["entry"] = {
    name,
    subject: name,
    template: 'Name: {}. "Gender":',
    target: " female",
    layer: 2,
    method: "rome",
    key: "rome",
    before: { completion: " male.\n", probability: 0.01 },
    after: { completion: " female. Zoë", probability: 0.98 },
    losses: [4.5, 0.02],
    deltaNorm: 3,
    valueNorm: 2,
    denominator: 0.5,
    covarianceTokens: 10,
    hyperParameters: { v_lr: 0.5 },
    contexts: ["{}", "The. {}"],
    seed: 0,
    health: null,
    versions: { onnxruntime: "1" },
    ...change,
  };
  return {
    entry,
    u: vector(10),
    r: vector(6),
    delta: vector(6),
    ...(entry.method === "batch" && { key: vector(10) }),
  };
}

const set: EditSet = { model, edits: [edit("Ben"), edit("Anna", { layer: 1 }), edit("Łódź", { method: "batch" })] };

async function saved(edits = set): Promise<string> {
  const path = join(temporaryFolder(), "set.romedit");
  await writeEditFile(path, edits);
  return path;
}

describe("an edit file", () => {
  it("comes back bit for bit, and is safetensors", async () => {
    const path = await saved();
    expect(await readEditFile(path)).toEqual(set);
    const { tensors } = await readSafetensors(path);
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual({
      u: [3, 10],
      r: [3, 6],
      delta: [3, 6],
      key: [1, 10],
    });
    expect(set.edits.map(encodeSaved).map((data) => decodeSaved(data, model))).toEqual(set.edits);
  });

  it("without an edit is not written", () =>
    expectError(writeEditFile("/x", { model, edits: [] }), "input", "no edit"));

  it("is not written where it could not be read again", async () => {
    const [ben, anna, batch] = set.edits as [SavedEdit, SavedEdit, SavedEdit];
    const broken = (change: Partial<SavedEdit>) => [anna, { ...ben, ...change }];
    const cases: [readonly SavedEdit[], string][] = [
      [[ben, anna, ben], 'two of its edits have one name, "Ben"'],
      [[edit("Ben", { layer: 4 })], "layer 4 of a model with 4"],
      [[edit("Ben", { deltaNorm: Number.NaN })], "its edits"],
      [[edit("")], "its edits"],
      [broken({ u: vector(9) }), '"u" of "Ben" is not 10 numbers'],
      [broken({ r: new Float32Array(6).fill(Number.NaN) }), '"r" holds numbers that are not finite'],
      [[{ ...batch, key: undefined }], "batch"],
    ];
    for (const [edits, message] of cases) {
      const path = join(temporaryFolder(), "set.romedit");
      await expectError(writeEditFile(path, { model, edits }), "input", path, "was not written", message);
      await expect(readFile(path)).rejects.toThrow("ENOENT");
    }
  });

  it("replaces edit files alone", async () => {
    const path = await saved();
    await writeEditFile(path, { model, edits: set.edits.slice(0, 1) });
    expect((await readEditFile(path)).edits).toHaveLength(1);
    const folder = temporaryFolder();
    for (const name of ["model.safetensors", "config.json"]) {
      const foreign = join(folder, name);
      await copyFile(join(embeddedPath, name), foreign);
      const before = await readFile(foreign);
      await expectError(writeEditFile(foreign, set), "input", foreign, "is not an edit file", "stays as it is");
      expect((await readFile(foreign)).equals(before)).toBe(true);
    }
    await expectError(writeEditFile("/dev/null", set), "disk", "a device");
  });

  it("cut short anywhere is refused", async () => {
    const path = await saved();
    const bytes = await readFile(path);
    for (const length of [0, 5, 8, 100, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      await expectError(readEditFile(path), "data", path, "damaged or incomplete");
    }
  });

  it("of another kind is refused, without reading what it holds", async () => {
    const other = join(embeddedPath, "model.safetensors");
    await expectError(readEditFile(other), "data", other, "not an edit file");
    await expectError(readEditFile(join(embeddedPath, "config.json")), "data", "damaged");
    await expectError(readEditFile(embeddedPath), "data", "not a file");
    await expectError(readEditFile("/nowhere/a.romedit"), "data", "does not exist");
  });

  it("with an oversized header is refused before it is read", async () => {
    const path = join(temporaryFolder(), "large.romedit");
    await writeFile(path, safetensors(" ".repeat(65 * 2 ** 20)));
    await expectError(readEditFile(path), "data", "its header claims 68157440 bytes");
    await writeFile(path, safetensors("{}", 0, 2n ** 60n));
    await expectError(readEditFile(path), "data", "its header claims");
  });

  const broken: [string, (tensors: Record<string, TensorData>, metadata: Record<string, string>) => void, string][] = [
    ["NaN", ({ r }) => (r!.data[3] = Number.NaN), '"r" holds numbers that are not finite'],
    ["infinity", ({ u }) => (u!.data[0] = Number.POSITIVE_INFINITY), '"u" holds numbers that are not finite'],
    [
      "another number of rows",
      (tensors) => (tensors.delta = { shape: [2, 6], data: vector(12) }),
      '"delta" is not 3 × 6',
    ],
    ["another width", (tensors) => (tensors.u = { shape: [3, 9], data: vector(27) }), '"u" is not 3 × 10'],
    [
      "another type",
      (tensors) => (tensors.u = { shape: [3, 10], data: new Float64Array(30) }),
      '"u" is not 3 × 10 numbers of type F32',
    ],
    ["a tensor missing", (tensors) => delete tensors.key, '"key" is not 1 × 10'],
    ["a tensor too many", (tensors) => (tensors.weight = { shape: [1], data: vector(1) }), "no edit has"],
    ["edits that are no JSON", (_, metadata) => (metadata.edits = "[{"), "its edits: it is not valid JSON"],
    [
      "an edit without a subject",
      (_, metadata) => (metadata.edits = metadata.edits!.replace('"subject"', '"x"')),
      "subject",
    ],
    [
      "a layer the model lacks",
      (_, metadata) => (metadata.edits = metadata.edits!.replace('"layer":2', '"layer":9')),
      "layer 9",
    ],
    ["two edits of a name", (_, metadata) => (metadata.edits = metadata.edits!.replaceAll("Anna", "Ben")), "one name"],
    ["no model", (_, metadata) => delete metadata.model, "its model"],
  ];
  for (const [what, damage, message] of broken)
    it(`with ${what} is refused`, async () => {
      const path = await saved();
      const { tensors, metadata } = await readSafetensors(path);
      const [changed, words] = [Object.fromEntries(tensors), { ...metadata }];
      damage(changed, words);
      await writeSafetensors(path, changed, words);
      await expectError(readEditFile(path), "data", path, message);
    });

  it("of a later or an earlier version, or of none, is refused with that", async () => {
    const path = await saved();
    const { tensors, metadata } = await readSafetensors(path);
    const { schema: _, ...without } = metadata;
    for (const [words, message] of [
      [{ ...metadata, schema: "3" }, "later version"],
      [{ ...metadata, schema: "0" }, "earlier version"],
      [without, "no schema number"],
    ] as const) {
      await writeSafetensors(path, Object.fromEntries(tensors), words);
      await expectError(readEditFile(path), "data", path, message);
    }
  });
});

describe("sets of edits", () => {
  it("of another model are refused with what differs", async () => {
    const other = { ...model, name: "big", layers: 28, width: 4096, fingerprint: "cd".repeat(32) };
    expect(differencesOf(model, model)).toEqual([]);
    expect(differencesOf(model, { ...model, name: "renamed" })).toEqual([]);
    const refused = Promise.resolve().then(() => requireFitting(set, other, "set.romedit"));
    await expectError(refused, "input", "set.romedit", "toy", "layers 4, not 28", "width 6, not 4096", "abababababab");
  });

  it("are combined, with names that stay apart", async () => {
    const { edits } = combine([set, { model, edits: [edit("Ben"), edit("Ben")] }], ["a", "b"]);
    expect(edits.map(({ entry }) => entry.name)).toEqual(["Ben", "Anna", "Łódź", "Ben (2)", "Ben (3)"]);
    const twoBatches = Promise.resolve().then(() => combine([set, set], ["a", "b"]));
    await expectError(twoBatches, "input", "batch update of layer 2");
  });

  it("are not combined with themselves, and several edits of one subject are told", async () => {
    const [ben, anna] = set.edits as [SavedEdit, SavedEdit, SavedEdit];
    const [first, other] = [
      { model, edits: [ben, anna] },
      { model, edits: [edit("Ben")] },
    ];
    const twice = Promise.resolve().then(() => combine([first, other, structuredClone(first)], ["a", "b", "c"]));
    await expectError(twice, "input", "a and c hold the same edits");
    expect(repeated(first)).toEqual([]);
    const [note, ...more] = repeated(combine([first, other], ["a", "b"]));
    expect(note).toContain("edited 2 times (Ben, Ben (2))");
    expect(more).toEqual([]);
  });

  it("lose an edit by its name", async () => {
    expect(without(set, "Ben").edits).toEqual(set.edits.slice(1));
    await expectError(
      Promise.resolve().then(() => without(set, "Bob")),
      "input",
      '"Bob"',
      "Ben, Anna",
    );
  });

  it("of a batch lose an edit as if it had never been in it", () => {
    const keys = Array.from({ length: 4 }, () => vector(10));
    const solve = (members: Float32Array[]) => {
      const matrix = new Float64Array(100);
      for (let i = 0; i < 10; i++)
        for (let j = 0; j < 10; j++)
          matrix[i * 10 + j] = (i === j ? 0.5 : 0) + members.reduce((sum, k) => sum + k[i]! * k[j]!, 0);
      const factor = new Cholesky(matrix, 10);
      return members.map((key) => Float32Array.from(factor.solve(key)));
    };
    const names = ["a", "b", "c", "d"];
    const u = solve(keys);
    const edits = names.map((name, i) => ({ ...edit(name, { method: "batch" }), u: u[i]!, key: keys[i]! }));
    const expected = solve(keys.filter((_, i) => i !== 1));
    const left = without({ model, edits }, "b").edits;
    expect(left.map(({ entry }) => entry.name)).toEqual(["a", "c", "d"]);
    for (const [i, { u }] of left.entries()) expect(cosine(u, expected[i]!)).toBeGreaterThan(1 - 1e-9);
  });
});

describe("vectors in an edit file", () => {
  const shared = {
    layer: 2,
    source: "gender",
    prompt: "Name: Ben. Gender:",
    before: { completion: " male" },
    after: { completion: " female" },
    versions: { onnxruntime: "1" },
  };
  const steer: SavedAdapter = {
    entry: { ...shared, kind: "steer", name: "gender", at: { name: "Ben" }, scale: -1.5 },
    u: new Float32Array(0),
    r: vector(6),
  };
  const erasure: SavedAdapter = {
    entry: { ...shared, kind: "erase", name: "no gender", at: "all", offset: 0.25 },
    u: vector(6),
    r: vector(6),
  };
  const mixed: EditSet = { model, edits: [steer, edit("Ben"), erasure, edit("Łódź", { method: "batch" })] };

  it("come back bit for bit, beside edits and alone", async () => {
    for (const edits of [mixed, { model, edits: [erasure] }, { model, edits: [steer] }])
      expect(await readEditFile(await saved(edits))).toEqual(edits);
    const { metadata, tensors } = await readSafetensors(await saved(mixed));
    expect(metadata.schema).toBe("2");
    expect(tensors.get("erased")?.shape).toEqual([1, 6]);
    expect(tensors.get("u")?.shape).toEqual([2, 10]);
    expect((await readSafetensors(await saved())).metadata.schema).toBe("1");
    const sizes = { ...model };
    expect(mixed.edits.map((one) => decodeSaved(encodeSaved(one), sizes))).toEqual(mixed.edits);
  });

  it("run as what they are", () => {
    expect(liveOf(steer)).toEqual({ layer: 2, u: steer.u, r: steer.r, constant: -1.5, at: { name: "Ben" } });
    expect(liveOf(erasure)).toEqual({
      layer: 2,
      u: erasure.u,
      r: erasure.r,
      reads: "output",
      constant: 0.25,
      at: "all",
    });
  });

  it("are joined, named anew, and taken out again", () => {
    const both = combine(
      [
        { model, edits: [steer] },
        { model, edits: [erasure, { ...steer, r: vector(6) }] },
      ],
      ["a", "b"],
    );
    expect(both.edits.map(({ entry }) => entry.name)).toEqual(["gender", "no gender", "gender (2)"]);
    expect(without(both, "gender").edits.map(({ entry }) => entry.name)).toEqual(["no gender", "gender (2)"]);
    expect(repeated(both)).toEqual([]);
  });

  it("are refused where numbers are missing, or have no meaning", async () => {
    await expectError(saved({ model, edits: [{ ...steer, u: vector(6) }] }), "input", "erased");
    await expectError(saved({ model, edits: [{ ...erasure, r: vector(5) }] }), "input", '"r" of "no gender"');
    await expectError(
      saved({ model, edits: [{ ...steer, entry: { ...steer.entry, at: "here" as "all" } }] }),
      "input",
      "its edits",
    );
  });

  it("are compared by what they add", () => {
    const doubled: SavedAdapter = { ...steer, r: steer.r.map((x) => -2 * x) };
    const [pair] = compareEdits({ model, edits: [steer] }, { model, edits: [doubled] }).pairs;
    expect(pair).toMatchObject({ deltaCosine: expect.closeTo(-1, 6), updateCosine: null });
    expect(pair!.deltaNorms[1]).toBeCloseTo(2 * pair!.deltaNorms[0], 5);
    expect(compareEdits({ model, edits: [erasure] }, { model, edits: [edit("Ben")] }).pairs[0]).toMatchObject({
      deltaCosine: null,
      updateCosine: null,
    });
  });
});
