/** Data sets as they are read: each row in its place, of its name, finite; nothing foreign, nothing of another model. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { Dataset } from "../../../src/engine/experiment/dataset.ts";
import { differencesOf, listHash, type Manifest, requireModel } from "../../../src/engine/experiment/manifest.ts";
import { merge } from "../../../src/engine/experiment/record.ts";
import type { Rows } from "../../../src/engine/experiment/rows.ts";
import { exportVectors } from "../../../src/engine/export/exportVectors.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";

const [first, second] = ["__proto__", "constructor"];
const names = ["Ben", "Anna", "Łódź", "O'Neil", "toString"];
const width = 3;

function manifest(change: Partial<Manifest> = {}): Manifest {
  return {
    schema: 1,
    model: { name: "toy", fingerprint: "ab".repeat(32) },
    concept: "words",
    prompt: "Name: {}. Word:",
    targets: [
      { label: first, text: " one" },
      { label: second, text: " two" },
    ],
    layer: 2,
    key: "rome",
    covarianceTokens: 0,
    hyperParameters: { v_lr: 0.5 },
    contexts: ["{}"],
    names: { count: names.length, sha256: listHash(names.map((name) => ({ name, label: first }))), of: "list" },
    batch: 2,
    versions: {},
    ...change,
  };
}

function rows(start: number, count: number): Rows {
  const probability = (share: number) =>
    Object.fromEntries([
      [first, share],
      [second, 1 - share],
    ]);
  return {
    records: names.slice(start, start + count).map((name, i) => ({
      index: start + i,
      name,
      expected: first,
      from: first,
      to: second,
      before: probability(0.75),
      after: probability(0.25),
      losses: [2, 1],
      converged: true,
      flipped: true,
      deltaNorm: 1,
      valueNorm: 2,
    })),
    delta: Float32Array.from({ length: count * width }, (_, i) => start + i),
  };
}

async function recorded(change: Partial<Manifest> = {}): Promise<string> {
  const folder = join(await temporaryFolder(), "data");
  const dataset = await Dataset.create(folder, manifest(change));
  for (const index of [0, 1, 2]) await dataset.writeBatch(index, rows(2 * index, index === 2 ? 1 : 2));
  return folder;
}

async function finished(change: Partial<Manifest> = {}): Promise<string> {
  const folder = await recorded(change);
  const dataset = await Dataset.open(folder);
  await dataset.finish((index) => dataset.readBatch(index));
  return folder;
}

/** Rewrites the records of a finished data set. */
function alter(folder: string, change: (records: ReturnType<typeof rows>["records"][number][]) => unknown): void {
  const path = join(folder, "records.jsonl");
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const records = lines.map((line) => JSON.parse(line));
  const changed = (change(records) ?? records) as object[];
  writeFileSync(path, changed.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

const read = async (folder: string, list?: readonly string[]) => (await Dataset.open(folder)).read(list);

describe("a finished data set", () => {
  it("comes back with labels and names that every object inherits", async () => {
    const { records, delta } = await read(await finished(), names);
    expect(records).toEqual(rows(0, names.length).records);
    expect(records.map(({ before }) => Object.entries(before))).toEqual(
      names.map(() => [
        ["__proto__", 0.75],
        ["constructor", 0.25],
      ]),
    );
    expect([...delta]).toHaveLength(names.length * width);
  });

  const broken: [string, Parameters<typeof alter>[1], string][] = [
    ["a record out of its place", (all) => void all.reverse(), 'record 0 ("toString") says that it is number 4'],
    ["a record too few", (all) => all.slice(1), "there are 4 records, not 5"],
    ["a name twice", ([a, b]) => void Object.assign(b as object, { name: a?.name }), '"Ben" is recorded twice'],
    ["another name", ([a]) => void Object.assign(a as object, { name: "Bob" }), "not those that it was recorded for"],
    ["a strange label", ([a]) => void Object.assign(a as object, { to: "three" }), 'from "__proto__" to "three"'],
    ["no change of label", ([a]) => void Object.assign(a as object, { to: first }), 'from "__proto__" to "__proto__"'],
    ["a label without probability", ([a]) => void Object.assign(a as object, { before: {} }), "lacks the probability"],
    ["text for a number", ([a]) => void Object.assign(a as object, { deltaNorm: "1" }), "line 1 is damaged"],
  ];
  for (const [what, change, message] of broken)
    it(`with ${what} is refused`, async () => {
      const folder = await finished();
      alter(folder, change);
      await expectError(read(folder), "data", folder, message);
    });

  it("with a number beyond all is refused", async () => {
    const folder = await finished();
    const path = join(folder, "records.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('"deltaNorm":1', '"deltaNorm":1e999'));
    await expectError(read(folder), "data", 'record 0 ("Ben") holds a number that is not finite');
  });

  it("with a Δv that is not finite, or of other shape, is refused", async () => {
    const folder = await finished();
    const { delta } = rows(0, names.length);
    const data = delta.map((x, i) => (i === 4 ? Number.NaN : x));
    const path = join(folder, "deltas.safetensors");
    await writeSafetensors(path, { delta: { shape: [names.length, width], data } });
    await expectError(read(folder), "data", '"delta" of "Anna" is not finite');
    alter(folder, (records) => records.slice(0, 4));
    await expectError(read(folder), "data", folder, "there are 4 records, not 5");
  });

  it("is checked against the list that it is to be of", async () => {
    const old = manifest().names;
    const folder = await finished({ names: { count: old.count, sha256: "older kind of hash" } });
    await read(folder, names);
    await expectError(read(folder, ["Bob", ...names.slice(1)]), "data", 'is not of "Bob"');
  });

  it("whose manifest is of another version, or none, is refused with that", async () => {
    const folder = await finished();
    const path = join(folder, "manifest.json");
    const { schema: _, ...rest } = manifest();
    for (const [value, message] of [
      [rest, "no schema number"],
      [{ ...rest, schema: 0 }, "earlier version"],
      [{ ...rest, schema: 2 }, "later version"],
      [{ ...rest, schema: 1, batch: 0 }, '"batch"'],
      [{ ...rest, schema: 1, names: { count: 1.5, sha256: "" } }, '"names.count"'],
      [[], "not a JSON object"],
    ] as const) {
      writeFileSync(path, JSON.stringify(value));
      await expectError(Dataset.open(folder), "data", path, message);
    }
  });
});

describe("a batch", () => {
  it("of another place or other names is done again", async () => {
    const folder = await recorded();
    const dataset = await Dataset.open(folder);
    expect(await dataset.readBatch(1, names)).toBeDefined();
    expect(await dataset.readBatch(1, [...names].reverse())).toBeUndefined();
    const path = (index: number) => join(folder, "batches", `00000${index}.safetensors`);
    writeFileSync(path(1), readFileSync(path(0)));
    expect(await dataset.readBatch(1)).toBeUndefined();
    expect(await dataset.readBatch(0)).toBeDefined();
  });

  it("that could not be read again is not written", async () => {
    const folder = await recorded();
    const dataset = await Dataset.open(folder);
    const before = readFileSync(join(folder, "batches", "000000.safetensors"));
    const bad = { ...rows(0, 2), delta: new Float32Array(2 * width).fill(Number.POSITIVE_INFINITY) };
    await expectError(dataset.writeBatch(0, bad), "data", '"delta" of "Ben" is not finite');
    await expectError(dataset.writeBatch(0, rows(2, 2)), "data", "number 2");
    expect(readFileSync(join(folder, "batches", "000000.safetensors")).equals(before)).toBe(true);
  });
});

describe("what a recording differs in", () => {
  it("is said, and the same weights under another name are the same model", async () => {
    const known = manifest();
    expect(differencesOf(known, { ...known, model: { ...known.model, name: "copy" }, versions: { x: "2" } })).toEqual(
      [],
    );
    const other = manifest({
      model: { name: "big", fingerprint: "cd".repeat(32) },
      layer: 3,
      hyperParameters: { v_lr: 0.1 },
    });
    expect(differencesOf(known, other)).toEqual([
      "model (toy with the weights abababababab, not big with the weights cdcdcdcdcdcd)",
      "layer (2, not 3)",
      "v_lr (0.5, not 0.1)",
    ]);
    const folder = await recorded();
    await expectError(Dataset.create(folder, other), "data", "another layer (2, not 3), another v_lr (0.5, not 0.1)");
    await Dataset.create(folder, { ...known, model: { ...known.model, name: "copy" } });
    const refused = Promise.resolve().then(() => requireModel(folder, known, other.model));
    await expectError(refused, "data", folder, "toy with the weights abababababab, not big");
  });
});

describe("a folder", () => {
  it("of something else is not recorded into, and stays as it is", async () => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, "thesis.txt"), "");
    await expectError(
      Dataset.locked(folder, async () => {}),
      "input",
      folder,
      "is not a data set",
    );
    await expectError(Dataset.requirePlace(embeddedPath), "input", embeddedPath);
    expect(readdirSync(folder)).toEqual(["thesis.txt"]);
  });

  it("of a recording that was stopped at its start is gone on with", async () => {
    const folder = join(await temporaryFolder(), "data");
    mkdirSync(join(folder, "batches"), { recursive: true });
    writeFileSync(join(folder, "manifest.json.12-abcdabcd.tmp"), "");
    await Dataset.requirePlace(folder);
    await Dataset.requirePlace(await recorded());
  });

  it("of a model takes no vectors", async () => {
    const source = await finished();
    const folder = await temporaryFolder();
    writeFileSync(join(folder, "config.json"), "{}");
    await expectError(exportVectors(source, folder), "input", folder, "is not a folder of exported vectors");
    expect(readdirSync(folder)).toEqual(["config.json"]);
    const out = join(folder, "out");
    for (let again = 0; again < 2; again++) await exportVectors(source, out);
    expect(existsSync(join(out, "vectors.safetensors"))).toBe(true);
  });
});

it("what is whole is not merged", async () => {
  const whole = await finished();
  const out = join(await temporaryFolder(), "merged");
  await expectError(merge([await recorded(), whole], out), "input", whole, "is a whole data set");
  expect(existsSync(out)).toBe(false);
  await merge([await recorded()], out);
  expect((await read(out)).records).toHaveLength(names.length);
});
