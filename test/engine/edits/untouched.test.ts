/** The model is what it was once edits are off: the same bytes in the file, the same bits in the logits. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { hashWeights } from "../../../src/engine/checkpoint/fingerprint.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";

it("an edit changes the logits while it is on, and nothing once it is off", async () => {
  const storage = await temporaryFolder();
  const file = readFileSync(`${embeddedPath}/model.safetensors`);
  const rome = await Rome.open(embeddedPath, { storage });
  const { model } = rome;
  const weightsBefore = await hashWeights(model.checkpoint);
  const prompt = model.tokenizer.encode("Name: Ben. Gender:");
  const logits = async (adapters: Parameters<typeof generate>[2]["adapters"] = []) =>
    (await generate(model, [prompt], { maxTokens: 0, adapters })).firstLogits[0]!.slice();

  const before = await logits();
  const [result] = await rome.edit([{ subject: "Ben", template: "Name: {}. Gender:", target: " female" }]);
  expect(await logits([{ ...result!.edit, on: [1] }])).not.toEqual(before);
  expect(await logits([{ ...result!.edit, on: [0] }])).toEqual(before);
  expect(await logits()).toEqual(before);
  expect(await hashWeights(model.checkpoint)).toBe(weightsBefore);
  const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  expect(sha(readFileSync(`${embeddedPath}/model.safetensors`))).toBe(sha(file));
});
