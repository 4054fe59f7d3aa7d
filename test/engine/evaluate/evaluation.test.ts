/** CounterFact's measures against the independent reference (test/reference/evaluate.py), and on the embedded model. */
import { join } from "node:path";
import { parse } from "valibot";
import { expect, it } from "vitest";
import { ownConcept } from "../../../src/engine/concept/concept.ts";
import { entropy, harmonicMean, nGramEntropy, scoreOf, tfIdfCosine } from "../../../src/engine/evaluate/formulas.ts";
import { perplexities, targetLogProbabilities } from "../../../src/engine/evaluate/logProbabilities.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { Drift, divergence } from "../../../src/engine/rome/drift.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { evaluate } from "../../../src/engine/tasks/evaluate.ts";
import { layers } from "../../../src/engine/tasks/layers.ts";
import type { Target } from "../../../src/protocol/editOptions.ts";
import { evaluation as evaluationSchema, layers as layersSchema } from "../../../src/protocol/measurements.ts";
import { fixturePath, readFixture, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

type Side = ({ text: string; perplexity: number } | { prompt: string; target: string; meanNll: number })[];
interface Fixture {
  checkpoint: string;
  edit: string;
  before: Side;
  after: Side;
  divergence: { prompt: string; kl: number }[];
  entropy: { words: string[]; bigram: number; trigram: number; nGramEntropy: number }[];
}
interface EditCase {
  name: string;
  checkpoint: string;
  request: { layer: number };
  u: number[];
  r: number[];
}
const fixture = readFixture<Fixture>("evaluation.json");

it("perplexity, targets' log-probabilities and KL agree with the reference, before and after an edit", async () => {
  const model = await Model.open(fixturePath("checkpoints", fixture.checkpoint));
  const { edits } = readFixture<{ edits: EditCase[] }>("edits.json");
  const made = edits.find(({ name, checkpoint }) => name === fixture.edit && checkpoint === fixture.checkpoint)!;
  const { request, u, r } = made;
  const edit = { layer: request.layer, u: Float32Array.from(u), r: Float32Array.from(r) };
  for (const [side, on] of [
    [fixture.before, []],
    [fixture.after, [edit]],
  ] as const)
    for (const entry of side) {
      if ("text" in entry)
        expect((await perplexities(model, [entry.text], [on], quietRun()))[0]! / entry.perplexity).toBeCloseTo(1, 2);
      else {
        const [log] = await targetLogProbabilities(model, [{ ...entry, edits: on }], quietRun());
        expect(Math.abs(log! + entry.meanNll)).toBeLessThan(1e-3);
      }
    }
  for (const { prompt, kl } of fixture.divergence) {
    const [measured] = await new Drift(model, [prompt]).measure([[edit]], quietRun());
    expect(Math.abs(measured! - kl)).toBeLessThan(2e-3);
  }
  expect(divergence(Float64Array.of(Math.log(0.5), Math.log(0.5)), Float64Array.of(Math.log(0.5), Math.log(0.5)))).toBe(
    0,
  );
});

it("n-gram entropies agree with the reference", () => {
  for (const { words, bigram, trigram, nGramEntropy: both } of fixture.entropy) {
    expect(entropy(words, 2)).toBeCloseTo(bigram, 6);
    expect(entropy(words, 3)).toBeCloseTo(trigram, 6);
    expect(nGramEntropy(words)).toBeCloseTo(both, 6);
  }
});

it("scores, their harmonic mean and the tf-idf cosine do what their names say", () => {
  const log = Math.log;
  expect(
    scoreOf([
      { wanted: log(0.6), other: log(0.2) },
      { wanted: log(0.1), other: log(0.3) },
    ]).score,
  ).toBe(0.5);
  expect(scoreOf([{ wanted: log(0.6), other: log(0.2) }]).magnitude).toBeCloseTo(0.4);
  expect(harmonicMean([1, 0.5])).toBeCloseTo(2 / 3);
  expect(harmonicMean([1, 0])).toBe(0);
  const documents = ["she is a baker", "he is a doctor"];
  expect(tfIdfCosine("she is a baker", "she is a baker", documents)).toBeCloseTo(1);
  expect(tfIdfCosine("red", "blue", documents)).toBe(0);
  const near = tfIdfCosine("she bakes", "she is a baker", documents);
  expect(near).toBeGreaterThan(tfIdfCosine("he bakes", "she is a baker", documents));
});

it("the default concept's file as a flag gives what no flag gives; a prompt of one's own is asked in its own words", async () => {
  const root = join(import.meta.dirname, "../../..");
  const options = { model: "embedded", assetsFolder: root, storageFolder: await temporaryFolder() };
  const request = { names: ["Ben"], contexts: "none" as const };
  const byDefault = await Engine.create(options);
  const usual = await evaluate(byDefault, request, quietRun());
  const named = await evaluate(await Engine.create(options, join(root, "data/gender.json")), request, quietRun());
  expect({ ...named, seconds: 0 }).toEqual({ ...usual, seconds: 0 });
  expect(usual.suite.paraphrases).toContain("On Monday, {} told reporters that");

  const targets: [Target, Target] = [
    { label: "woman", text: " woman" },
    { label: "man", text: " man" },
  ];
  const own = { ...request, concept: ownConcept(byDefault.concept, { template: "{} is a", targets }) };
  const { concept, suite } = await evaluate(byDefault, own, quietRun());
  expect(concept).toEqual({ name: "own prompt", prompt: "{} is a", labels: ["woman", "man"] });
  expect(suite.paraphrases).toEqual(["It rained on Monday. {} is a", "The train leaves at six. {} is a"]);
});

it("on the embedded model edits do what they should, and leave neighbours alone", async () => {
  const root = join(import.meta.dirname, "../../..");
  const storageFolder = await temporaryFolder();
  const engine = await Engine.create({ model: "embedded", assetsFolder: root, storageFolder });
  const seen: number[] = [];
  const call = quietRun({ progress: ({ done, detail }) => void (detail ?? seen.push(done)) });
  const result = await evaluate(engine, { names: ["Ben", "Brittany"], keys: ["rome", "p-rome"], scales: [0, 1] }, call);
  expect(parse(evaluationSchema, result)).toEqual(result);
  // Two names, asked without an edit and in four ways.
  expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  const [own, bare, nothing, vector] = result.runs;
  for (const run of [own!, bare!, vector!]) {
    expect(run.efficacy).toMatchObject({ before: { score: 0 }, after: { score: 1 } });
    // At scale 1 the vector writes more than an edit of its own needs, and more neighbours go along.
    expect(run.neighbourhood.after.score).toBeGreaterThan(run === vector ? 0.85 : 0.9);
    expect(run.paraphrase.after.score).toBeGreaterThan(0.7);
    expect(run.consistency).not.toBeNull();
  }
  // The vector at scale 0 changes nothing at all.
  expect(nothing!.efficacy.after).toEqual(nothing!.efficacy.before);
  expect(
    nothing!.facts.every(({ own, neighbours }) => own.count === own.total && neighbours.count === neighbours.total),
  ).toBe(true);
  await expect(evaluate(engine, { names: [" "] }, call)).rejects.toThrow(/name is empty/);

  const sweep = await layers(engine, { names: ["Ben", "Brittany"], contexts: "none" }, call);
  expect(parse(layersSchema, sweep)).toEqual(sweep);
  expect(sweep.rows.map(({ layer }) => layer)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(sweep.rows[sweep.editLayer]!.success).toEqual({ count: 2, total: 2 });
  expect(sweep.rows[5]!.success.count).toBe(0);
  const stopped = { ...call, signal: AbortSignal.abort() };
  await expect(layers(engine, { names: ["Ben"] }, stopped)).rejects.toMatchObject({ reason: "cancelled" });
});
