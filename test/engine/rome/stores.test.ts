/** What edits rest on: made once for all who wait, never passed over or replaced without a word. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Model } from "../../../src/engine/model/model.ts";
import { batchSize, processesWithin } from "../../../src/engine/rome/batchSize.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { fixturePath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

/** A copy of a small model, whose weights are streamed so that a run can be stopped between its layers. */
async function opened(prepare: (folder: string) => void = () => {}) {
  const storage = await temporaryFolder();
  const folder = join(storage, "model");
  cpSync(fixturePath("checkpoints/even-fp16"), folder, { recursive: true });
  prepare(folder);
  return Rome.open(folder, { storage, policy: "stream", tileElements: 2000 });
}

describe("the stores", () => {
  it("give the second caller the contexts when the first gives up while they are sampled", async () => {
    const rome = await opened();
    const abort = new AbortController();
    const progress = () => abort.abort();
    const first = rome.contexts.of(4, { signal: abort.signal, progress });
    const second = rome.contexts.of(4, quietRun());
    await expect(first).rejects.toMatchObject({ reason: "cancelled" });
    expect(await second).toHaveLength(4);
    expect(await rome.contexts.of(4, quietRun())).toEqual(await second);
  });

  it("name damaged contexts and a damaged covariance beside the model", async () => {
    const spoil = (name: string) => opened((folder) => writeFileSync(join(folder, name), "{"));
    const contexts = (await spoil("contexts.json")).contexts.of(undefined, quietRun());
    await expect(contexts).rejects.toThrow(/contexts\.json must be a JSON array/);
    const covariance = (await spoil("covariance-layer1.safetensors")).covariances.of("auto", 1, quietRun());
    await expect(covariance).rejects.toThrow(/covariance-layer1\.safetensors cannot be used/);
    await expect(covariance).rejects.toMatchObject({ reason: "data" });
  });

  it("do not replace a covariance by one over less of another text", async () => {
    const rome = await opened();
    const text = (name: string, lines: number) => {
      const file = join(rome.options.storage, name);
      const line = (_: unknown, i: number) => `${name} went to town number ${i} and came home late.`;
      writeFileSync(file, Array.from({ length: lines }, line).join("\n"));
      return file;
    };
    const [large, small] = [text("large.txt", 60), text("small.txt", 3)];
    const { tokens } = await rome.covariances.count([large], { layer: 1, tokens: 500 }, quietRun());
    for (const asked of [100, 1000]) {
      const counting = rome.covariances.count([small], { layer: 1, tokens: asked }, quietRun());
      await expect(counting).rejects.toThrow(/more than the .* of this one\. Delete it/);
    }
    expect((await rome.covariances.of("auto", 1, quietRun()))?.tokens).toBe(tokens);
    // The same text, and more of another, replace it.
    await rome.covariances.count([large], { layer: 1, tokens: 200 }, quietRun());
    const more = await rome.covariances.count([text("larger.txt", 150)], { layer: 1, tokens: 4000 }, quietRun());
    expect(more.tokens).toBeGreaterThan(tokens);
  });
});

it("a batch is judged by its requests: long prompts and targets leave room for fewer names", async () => {
  const { model } = await opened();
  const size = (template: string, targets: string[], contexts = ["{}"]) =>
    batchSize(model, [{ template, subject: "Ben", targets }], contexts, 0, model.residentBytes() + 2 ** 23);
  const usual = size("Name: {}. Gender:", [" male"]);
  const after = size(`Name: {}. ${"word ".repeat(10)}Gender:`, [" male"]);
  const before = size(`${"word ".repeat(30)}Name: {}. Gender:`, [" male"]);
  const target = size("Name: {}. Gender:", [" male", ` ${"word ".repeat(10)}`]);
  const context = size("Name: {}. Gender:", [" male"], [`${"word ".repeat(30)}{}`]);
  for (const fewer of [after, before, target, context]) expect(fewer).toBeLessThan(usual);
  expect(() => size(`Name: {}. ${"word ".repeat(1000)}Gender:`, [" male"])).toThrow(/allow more memory/);
});

it("a batch has fewer names where each has more contexts, so that the products do not wait for memory", async () => {
  const size = async (policy: "hold" | "stream", contexts: number) => {
    const model = await Model.open(fixturePath("checkpoints", "even-fp16"), { policy });
    const extents = [{ template: "Name: {}. Gender:", subject: "Ben", targets: [" male"] }];
    return batchSize(model, extents, Array<string>(contexts).fill("{}"), 0);
  };
  expect(await size("hold", 21)).toBe(6);
  expect(await size("stream", 1)).toBe(16);
  const [six, many] = [await size("stream", 6), await size("stream", 21)];
  // Rows: contexts and the KL text.
  expect(Math.abs(many / six - 7 / 22)).toBeLessThan(0.1);
  expect(await size("stream", 500)).toBe(1);
});

it("processes that solve beside this one have a model each, and a batch", async () => {
  const model = await Model.open(fixturePath("checkpoints", "even-fp16"), { policy: "hold" });
  const extents = [{ template: "Name: {}. Gender:", subject: "Ben", targets: [" male"] }];
  const within = (size: number, memory: number) => processesWithin(model, extents, ["{}"], 0, size, memory);
  const own = model.residentBytes();
  expect(within(6, 2 * own)).toBe(0);
  expect(within(6, 3.5 * own)).toBe(2);
  expect(within(6000, 3.5 * own)).toBeLessThan(2);
});

it("progress counts evaluations on through batches, from where the next one begins if one converged early", async () => {
  const rome = await opened();
  const seen: number[] = [];
  const progress = ({ phase, done, detail }: { phase: string; done: number; detail?: { layer?: number } }) => {
    if (phase === "solve" && detail?.layer === undefined) seen.push(done);
  };
  const requests = Array.from({ length: 17 }, (_, i) => ({
    subject: `Ben ${i}`,
    template: "Name: {}. Gender:",
    target: " female",
  }));
  const options = { contexts: "none", covariance: "none", hyperParameters: { v_num_grad_steps: 2 } } as const;
  await rome.edit(requests, options, quietRun({ progress }));
  expect(seen).toEqual([1, 2, 2, 3, 4, 4]);
});
