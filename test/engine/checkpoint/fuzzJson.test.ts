/** The JSON files of checkpoints with their values deleted, exchanged, of other types; see fuzz.test.ts for their bytes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, vi } from "vitest";
import { architectureOf } from "../../../src/engine/architectures/families.ts";
import { openCheckpoint } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { loadTokenizer } from "../../../src/engine/checkpoint/tokenizer.ts";
import { temporaryFolder } from "../../support/checkpointBuilders.ts";
import { families, readFixture } from "../../support/fixtures.ts";
import { mutated, rounds, survives, workbench } from "../../support/fuzz.ts";

vi.setConfig({ testTimeout: 120_000 * rounds });

const checkpoints = families.map((name) => readFixture<{ checkpoint: string }>(name).checkpoint);

test.each(["odd-fp16", ...checkpoints])("config.json of %s with other values", async (fixture) => {
  const { folder, path, original } = workbench(fixture, "config.json");
  await survives(200, 9, ["checkpoint", "architecture"], async (random) => {
    writeFileSync(path, mutated(original.toString(), random));
    architectureOf((await openCheckpoint(folder)).config);
  });
});

test("model.safetensors.index.json with other values", async () => {
  const { path, original, open } = workbench("odd-sharded-fp32", "model.safetensors.index.json");
  await survives(600, 10, ["checkpoint"], (random) => {
    writeFileSync(path, mutated(original.toString(), random));
    return open();
  });
});

const kinds = readFixture<{ name: string; file: unknown }[]>("tokenizers.json");

test.each(kinds)("tokenizer.json, $name, with other values", async ({ file }) => {
  const folder = temporaryFolder();
  const original = JSON.stringify(file);
  await survives(200, 11, ["tokenizer"], async (random) => {
    writeFileSync(join(folder, "tokenizer.json"), mutated(original, random));
    const tokenizer = await loadTokenizer(folder);
    const ids = tokenizer.encode("Name: Zoë <|end|> É2e\u0301 X 🙂\0\ufeff");
    tokenizer.decode(ids);
    tokenizer.continued(tokenizer.continuation(" female"));
    for (const id of ids) tokenizer.token(id);
  });
});
