/** An experiment that cannot be recorded is refused before Slurm hears of it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { submitExperiment } from "../../../src/engine/tasks/submitExperiment.ts";
import { temporaryFolder } from "../../support/fixtures.ts";

it("refuses a layer, a model, names and a count that recording would refuse", async () => {
  const storageFolder = await temporaryFolder();
  const folder = join(storageFolder, "out");
  const assetsFolder = join(import.meta.dirname, "../../..");
  const engine = await Engine.create({ model: "embedded", assetsFolder, storageFolder });
  const base = { model: "embedded", folder, shards: 2, flags: [] };
  const cases: [object, RegExp][] = [
    [{ layer: 99 }, /Layer 99 cannot be edited/],
    [{ model: join(storageFolder, "no-model") }, /no-model/],
    [{ namesFile: join(storageFolder, "no.csv") }, /no\.csv cannot be read/],
    [{ count: 100_000 }, /fewer than the 100,000 asked for/],
  ];
  for (const [wrong, message] of cases) {
    await expect(submitExperiment(engine, { ...base, ...wrong })).rejects.toThrow(message);
    expect(existsSync(join(folder, "jobs"))).toBe(false);
  }
});
