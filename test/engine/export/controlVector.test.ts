/** Control vectors: byte for byte as the Python package writes them, and in effect what steering at all tokens is. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SourceFile } from "../../../src/engine/checkpoint/sourceFile.ts";
import { writeControlVector } from "../../../src/engine/export/controlVector.ts";
import { readGguf } from "../../../src/engine/gguf/ggufFile.ts";
import { ggufBytes } from "../../../src/engine/gguf/writeGguf.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { adaptersOf } from "../../../src/engine/rome/adapters.ts";
import { decodeEdit } from "../../../src/engine/rome/edit.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { exportControlVector } from "../../../src/engine/tasks/exportControlVector.ts";
import { steer } from "../../../src/engine/tasks/steer.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { fixturePath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const assetsFolder = join(import.meta.dirname, "../../..");

it("is byte for byte what the Python package gguf writes", () => {
  const bytes = ggufBytes(
    {
      "general.architecture": "controlvector",
      "controlvector.model_hint": "gptj",
      "controlvector.layer_count": 1,
    },
    { "direction.2": Float32Array.of(0.5, -1, 2, 0.25, -3, 4, 1.5) },
  );
  expect(bytes).toEqual(readFileSync(fixturePath("gguf/control-vector.gguf")));
});

it("holds what steering at all tokens adds to the stream after its layer", async () => {
  const folder = await temporaryFolder();
  const engine = await Engine.create({ model: "embedded", assetsFolder, storageFolder: folder });
  const out = join(folder, "gender.gguf");
  const told = await exportControlVector(engine, { out, scale: 1.5 });
  expect(told).toEqual({ file: out, layer: 2, source: "gender (sign)", family: "gptj", runsInLlamaCpp: false });

  const read = await SourceFile.use(out, "checkpoint", async (file) => {
    const { metadata, tensors } = await readGguf(file);
    const [{ name, shape, offset, length }] = tensors as [(typeof tensors)[number]];
    const bytes = Uint8Array.from(await file.read(offset, length));
    return { metadata, name, shape, vector: new Float32Array(bytes.buffer) };
  });
  expect(read.metadata.get("general.architecture")).toBe("controlvector");
  expect(read.metadata.get("controlvector.model_hint")).toBe("gptj");
  expect([read.name, read.shape]).toEqual(["direction.2", [256]]);

  const { model } = (await engine.open()).rome;
  const prompt = "Name: Ben. Gender:";
  const adapters = [{ kind: "steer", scale: 1.5, at: "all" } as const];
  const { saved } = await steer(engine, { prompt, adapters, edits: [], maxTokens: 1 }, quietRun());
  const edits = saved.map(({ edit }) => decodeEdit(edit, model.size));
  const tokens = [model.tokenizer.encode(prompt)];
  const stream = async (row: { prompt: string; edits?: typeof edits }) =>
    (await model.forward({ to: 2, stream: true }, { tokens, adapters: adaptersOf(model.tokenizer, [row]) }, quietRun()))
      .stream;
  const [plain, steered] = [await stream({ prompt }), await stream({ prompt, edits })];
  for (const [i, value] of steered.entries())
    expect(value).toBeCloseTo(plain[i]! + read.vector[i % read.vector.length]!, 4);

  await exportControlVector(engine, { out, scale: -1 });
  await writeFile(join(folder, "other.gguf"), "something else");
  const other = exportControlVector(engine, { out: join(folder, "other.gguf"), scale: 1 });
  await expectError(other, "input", "other.gguf");
  await expectError(exportControlVector(engine, { out, scale: 1, layer: 0 }), "input", "no place for the first layer");
});

it("is refused for a model that norms what its MLP writes", async () => {
  const { architecture } = await Model.open(fixturePath("checkpoints/gemma2-bf16"));
  const file = join(await temporaryFolder(), "v.gguf");
  const written = writeControlVector(file, architecture, { layer: 1, vector: new Float32Array(4) });
  await expectError(written, "input", "norms what its MLP writes");
});
