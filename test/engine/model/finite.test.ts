import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generate } from "../../../src/engine/model/generate.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { fixturePath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const name = "transformer.h.1.mlp.fc_out.weight";

/** A copy of a small model in whose weight the first numbers are another. */
async function withNumber(value: number, weight = name, count = 1): Promise<Model> {
  const folder = join(await temporaryFolder(), "model");
  cpSync(fixturePath("checkpoints", "odd-fp32"), folder, { recursive: true });
  const path = join(folder, "model.safetensors");
  const bytes = readFileSync(path);
  const head = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + head).toString());
  const start = 8 + head + header[weight].data_offsets[0];
  for (let i = 0; i < count; i++) bytes.writeFloatLE(value, start + 4 * i);
  writeFileSync(path, bytes);
  return Model.open(folder);
}

describe("a result that is no number names the weight that is to blame", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    it(String(value), async () => {
      const model = await withNumber(value);
      const ids = model.tokenizer.encode("Name: Ben. Gender:");
      const asked = generate(model, [ids], { maxTokens: 1 }, quietRun());
      await expect(asked).rejects.toMatchObject({
        reason: "checkpoint",
        message: expect.stringContaining(`${name} holds ${value}`),
      });
    });

  it("finite weights whose product overflows are told from those", async () => {
    const model = await withNumber(3e38, "transformer.ln_f.weight", 16);
    const ids = model.tokenizer.encode("Name: Ben. Gender:");
    await expect(generate(model, [ids], { maxTokens: 1 }, quietRun())).rejects.toMatchObject({
      reason: "engine",
      message: expect.stringContaining("(logits) is not a number"),
    });
  });
});
