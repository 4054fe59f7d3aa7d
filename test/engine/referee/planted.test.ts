/** The referee can say no: a vector that only raises one word's output is told from one that the model goes by. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readExperimentNames } from "../../../src/engine/concept/names.ts";
import type { Place } from "../../../src/engine/experiment/apply.ts";
import type { Model } from "../../../src/engine/model/model.ts";
import { erase, orthogonal } from "../../../src/engine/numerics/leace.ts";
import { rowsOf } from "../../../src/engine/numerics/rows.ts";
import { newNames } from "../../../src/engine/referee/checks/newNames.ts";
import { notThePrompt } from "../../../src/engine/referee/checks/notThePrompt.ts";
import { notTheWord } from "../../../src/engine/referee/checks/notTheWord.ts";
import { Besides } from "../../../src/engine/referee/collateral.ts";
import { both, constructed } from "../../../src/engine/referee/constructions.ts";
import { type Evidence, gather } from "../../../src/engine/referee/evidence.ts";
import { hitsOf, worstRate } from "../../../src/engine/referee/rates.ts";
import type { Push } from "../../../src/engine/referee/scene.ts";
import { usualSettings } from "../../../src/engine/referee/settings.ts";
import type { RefereeCheck } from "../../../src/engine/referee/trial.ts";
import { type RefereeWords, wordsFor } from "../../../src/engine/referee/words.ts";
import { fill } from "../../../src/engine/rome/prompt.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import type { CheckId, Verdict } from "../../../src/protocol/referee.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";
import { outputRow } from "../../support/outputRow.ts";
import { quietRun } from "../../support/run.ts";

/** Few, so that the trial is quick; enough names for an interval to lie above nine in ten. */
const settings = { ...usualSettings, names: 72, others: 30, records: 8, universal: 4, collateral: 2 };

/** At the prompt's last token instead of the name's: where the word that comes next is said. */
const atTheEnd: Place = (name, prompt) => {
  const text = fill(prompt, name);
  return { subject: text.slice(-1), template: `${text.slice(0, -1)}{}` };
};

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await temporaryFolder();
  await cp(join(embeddedPath, "experiment"), folder, { recursive: true });
  const assetsFolder = join(import.meta.dirname, "../../..");
  engine = await Engine.create({ model: "embedded", assetsFolder, storageFolder: folder });
});

async function evidenceOf(where: { readonly place?: Place; readonly layer?: number }): Promise<Evidence> {
  const { concept } = engine;
  const names = await readExperimentNames(concept, 0, {});
  const { rome } = await engine.open();
  const words = wordsFor(concept);
  return gather(rome, concept, { folder, names, words, settings, seed: 0, ...where }, quietRun());
}

/** What raises the logit of one word, and of the other words that the referee asks for leaves those as they are. */
async function oneWordAlone(model: Model, word: string, { words, prompts }: RefereeWords): Promise<Float64Array> {
  const others = [...words, ...prompts].flatMap((asked) => asked.words.flat());
  const rows = await Promise.all([...new Set(others)].map((other) => outputRow(model, other)));
  const { width } = model.size;
  const row = rowsOf(await outputRow(model, word), width);
  return erase(row, orthogonal(rows, width)).data;
}

/** What the checks say of a push, at the shortest length that turns all names of the validation half, if any does. */
async function verdicts(evidence: Evidence, push: Push, checks: readonly RefereeCheck[]) {
  const run = quietRun();
  const besides = await Besides.of(evidence, run);
  let length = evidence.report.vector.meanDeltaNorm / 2;
  for (let longer = 0; longer < 8; longer++) {
    if (worstRate(await hitsOf(evidence.validation, push, length, run)) === 1) break;
    length *= 2;
  }
  const found: Partial<Record<CheckId, Verdict>> = {};
  for (const check of checks) found[check.id] = (await check.run(evidence, { push, length, besides }, run)).verdict;
  return found;
}

describe("a planted direction", () => {
  const all = [newNames, notTheWord, notThePrompt];

  it("holds where the model goes by it", async () => {
    const evidence = await evidenceOf({});
    expect(await verdicts(evidence, constructed("sign", evidence.taught), all)).toEqual({
      newNames: "holds",
      notTheWord: "holds",
      notThePrompt: "holds",
    });
  });

  it("fails where it only raises the output of one word, though that turns every name after this prompt", async () => {
    const { rome } = await engine.open();
    const evidence = await evidenceOf({ place: atTheEnd, layer: rome.model.size.layers - 1 });
    const push = both(await oneWordAlone(rome.model, " male", evidence.words));
    expect(await verdicts(evidence, push, all)).toEqual({
      newNames: "holds",
      notTheWord: "fails",
      notThePrompt: "fails",
    });
  });

  it("fails where the output row of a word is written at the name, which nothing there reads", async () => {
    const { rome } = await engine.open();
    const evidence = await evidenceOf({});
    const push = both(await outputRow(rome.model, " male"));
    expect(await verdicts(evidence, push, [newNames])).toEqual({ newNames: "fails" });
  });
});
