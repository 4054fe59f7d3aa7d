/** The model is what it was once edits are off: the same bytes in the file, the same bits in the logits. */
import { createHash } from "node:crypto";
import { cpSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hashWeights } from "../../../src/engine/checkpoint/fingerprint.ts";
import { readConcept } from "../../../src/engine/concept/concept.ts";
import { decodeSaved, identityOf } from "../../../src/engine/edits/editSet.ts";
import { flip } from "../../../src/engine/edits/flip.ts";
import { tryEdits } from "../../../src/engine/edits/tryEdits.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

it("an edit changes the logits while it is on, and nothing once it is off", async () => {
  const storage = await temporaryFolder();
  const file = readFileSync(`${embeddedPath}/model.safetensors`);
  const rome = await Rome.open(embeddedPath, { storage });
  const { model } = rome;
  const weightsBefore = await hashWeights(model.checkpoint);
  const prompt = model.tokenizer.encode("Name: Ben. Gender:");
  const logits = async (adapters: Parameters<typeof generate>[2]["adapters"] = []) =>
    (await generate(model, [prompt], { maxTokens: 0, adapters }, quietRun())).firstLogits[0]!.slice();

  const before = await logits();
  const [result] = await rome.edit(
    [{ subject: "Ben", template: "Name: {}. Gender:", target: " female" }],
    {},
    quietRun(),
  );
  expect(await logits([{ ...result!.edit, on: [1] }])).not.toEqual(before);
  expect(await logits([{ ...result!.edit, on: [0] }])).toEqual(before);
  expect(await logits()).toEqual(before);
  expect(await hashWeights(model.checkpoint)).toBe(weightsBefore);
  const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  expect(sha(readFileSync(`${embeddedPath}/model.safetensors`))).toBe(sha(file));
});

it("weights that change while edits are tried are found out", async () => {
  const [storage, folder] = [await temporaryFolder(), await temporaryFolder()];
  cpSync(embeddedPath, folder, { recursive: true, filter: (path) => !path.includes("experiment") });
  const rome = await Rome.open(folder, { storage });
  const { model } = rome;
  const gender = await readConcept(join(import.meta.dirname, "../../../data/gender.json"));
  const [made] = await flip(rome, ["Ben"], gender, { contexts: "none", maxTokens: 0 }, quietRun());
  const saved = decodeSaved(made!.saved, model.size);
  const set = { model: identityOf(model, "copy"), edits: [saved] };
  const again = await Rome.open(folder, { storage });
  expect((await tryEdits(again, set, [], { maxTokens: 1 }, quietRun()))[0]?.proof.untouched).toBe(true);

  // The prompts are read after the weights were sealed: by then, someone writes into the file.
  const file = join(folder, "model.safetensors");
  const prompts = new Proxy(["Name: Ben. Gender:"], {
    get(list, key, receiver) {
      if (key === "length") writeSync(openSync(file, "r+"), Buffer.from([1]), 0, 1, statSync(file).size - 2);
      return Reflect.get(list, key, receiver);
    },
  });
  const fresh = await Rome.open(folder, { storage });
  const [trial] = await tryEdits(fresh, set, prompts, { maxTokens: 1 }, quietRun());
  expect(trial?.proof.untouched).toBe(false);
  expect(trial?.proof.hashAfter).not.toBe(trial?.proof.hash);
});
