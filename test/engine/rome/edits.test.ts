/** ROME against the independent PyTorch reference (test/reference/rome.py): every number of every step. */
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { logProbabilities } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { SecondMoment } from "../../../src/engine/rome/covariance.ts";
import { makeEdit } from "../../../src/engine/rome/edit.ts";
import { checkHyperParameters, hyperParametersFor } from "../../../src/engine/rome/hyperParameters.ts";
import { fill, locate } from "../../../src/engine/rome/prompt.ts";
import { solve } from "../../../src/engine/rome/solve.ts";
import type { KeyVariant } from "../../../src/protocol/editEntry.ts";
import { cosine, families, fixturePath, readFixture } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

interface Row {
  ids: number[];
  lookup: number;
}
interface Side {
  probability: number;
  ids: number[];
}
interface EditCase {
  name: string;
  checkpoint: string;
  request: {
    layer: number;
    template: string;
    subject: string;
    target: string;
    contexts: string[];
    key: KeyVariant;
  } & Record<string, unknown>;
  covariance: { file: string } | null;
  targetIds: number[];
  rows: Row[];
  klRow: Row;
  losses: { nll: number; kl: number; decay: number; total: number }[];
  value: number[];
  delta: number[];
  key: number[];
  meanKey: number[];
  u: number[];
  r: number[];
  denominator: number;
  before: Side;
  after: Side;
  elsewhere: { prompt: string; before: { ids: number[] }; after: { ids: number[] } };
}
interface Edits {
  corpus: string[];
  covariances: { checkpoint: string; layer: number; tokens: number; file: string }[];
  edits: EditCase[];
}

const fixture = readFixture<Edits>("edits.json");
for (const name of families) {
  const { edits, covariance } = readFixture<{ edits: EditCase[]; covariance: Edits["covariances"][number] }>(name);
  fixture.edits.push(...edits);
  fixture.covariances.push(covariance);
}
const models = new Map<string, Promise<Model>>();
function open(checkpoint: string): Promise<Model> {
  const model = models.get(checkpoint) ?? Model.open(fixturePath("checkpoints", checkpoint));
  models.set(checkpoint, model);
  return model;
}

async function covarianceOf(file: string, model: Model): Promise<SecondMoment> {
  const { tensors } = await readSafetensors(fixturePath(file));
  const [matrix] = [...tensors.values()];
  return SecondMoment.of(matrix!.data, model.size.inner, 1, { model: "", layer: 0, corpus: "" });
}

describe("edits agree with the PyTorch reference", () => {
  for (const edit of fixture.edits) {
    it(`${edit.checkpoint}: ${edit.name}`, async () => {
      const model = await open(edit.checkpoint);
      const { request } = edit;
      const located = request.contexts.map((context) =>
        locate(model.tokenizer, fill(context, request.template), request.subject),
      );
      expect(located.map(({ lookup }) => lookup)).toEqual(edit.rows.map(({ lookup }) => lookup));
      expect(located.map(({ tokens }) => [...tokens, ...edit.targetIds.slice(0, -1)])).toEqual(
        edit.rows.map(({ ids }) => ids),
      );

      const known = (await hyperParametersFor(model.checkpoint, model.size.layers)).hyperParameters;
      const hyperParameters = checkHyperParameters(
        { ...known, ...request, layers: [request.layer] },
        model.size.layers,
      );
      const [solved] = await solve(model, [request], { hyperParameters, contexts: request.contexts }, quietRun());
      expect(solved!.losses.length).toBe(edit.losses.length);
      for (const [i, expected] of edit.losses.entries())
        for (const part of ["total", "nll", "decay"] as const)
          expect(Math.abs(solved!.losses[i]![part] - expected[part]), `${part} of step ${i}`).toBeLessThanOrEqual(
            1e-3 * Math.abs(expected.total),
          );
      if (edit.losses.length === 1) expect(solved!.delta.every((component) => component === 0)).toBe(true);
      else expect(cosine(solved!.delta, edit.delta)).toBeGreaterThan(0.9999);
      expect(cosine(solved!.value, edit.value)).toBeGreaterThan(0.99999);
      expect(cosine(solved!.meanKey, edit.meanKey)).toBeGreaterThan(0.99999);
      expect(cosine(solved!.bareKey, edit.key)).toBeGreaterThan(0.99999);

      const covariance = edit.covariance ? await covarianceOf(edit.covariance.file, model) : undefined;
      const made = makeEdit(
        { layer: request.layer, ...solved! },
        request.key,
        await covariance?.factor({}, quietRun()),
      );
      expect(cosine(made.u, edit.u)).toBeGreaterThan(0.9999);
      expect(Math.abs(made.denominator / edit.denominator - 1)).toBeLessThan(1e-3);

      const prompt = model.tokenizer.encode(fill(request.template, request.subject));
      const adapters = [{ ...made, on: [0, 1] }];
      const { tokens, firstLogits } = await generate(model, [prompt, prompt], { maxTokens: 12, adapters }, quietRun());
      for (const [row, side] of [edit.before, edit.after].entries()) {
        const logProbs = logProbabilities(firstLogits[row] as Float32Array);
        expect(Math.abs(Math.exp(logProbs[edit.targetIds[0]!]!) - side.probability)).toBeLessThan(1e-3);
        expect(tokens[row]!.slice(0, side.ids.length)).toEqual(side.ids);
      }
      const other = model.tokenizer.encode(edit.elsewhere.prompt);
      const elsewhere = await generate(model, [other, other], { maxTokens: 12, adapters }, quietRun());
      for (const [row, { ids }] of [edit.elsewhere.before, edit.elsewhere.after].entries())
        expect(elsewhere.tokens[row]!.slice(0, ids.length)).toEqual(ids);
    });
  }
});

describe("the second moment of keys agrees with the reference", () => {
  for (const { checkpoint, layer, tokens, file } of fixture.covariances) {
    it(checkpoint, async () => {
      const model = await open(checkpoint);
      const moment = SecondMoment.empty(model.size.inner, { model: "", layer, corpus: "" });
      // In two goes: it can be refined.
      await moment.refine(model, fixture.corpus, { tokens: 1 }, quietRun());
      await moment.refine(model, fixture.corpus, { tokens: Number.POSITIVE_INFINITY }, quietRun());
      expect(moment.tokens).toBe(tokens);
      const expected = (await covarianceOf(file, model)).sum;
      const actual = moment.sum.map((value) => value / tokens);
      expect(cosine(actual, expected)).toBeGreaterThan(1 - 1e-9);
      expect(Math.abs(actual[0]! / expected[0]! - 1)).toBeLessThan(1e-4);
    });
  }
});

it("the edit of a request does not depend on which others share its batch", async () => {
  const model = await open("even-fp32");
  const hyperParameters = (await hyperParametersFor(model.checkpoint, model.size.layers)).hyperParameters;
  const contexts = ["{}", "The. {}", "In the city of Paris. {}"];
  const subjects = ["Ben", "Anna", "Margaret", "Zoë"];
  const requests = [
    ...subjects.map((subject) => ({ subject, template: "Name: {}. Gender:", target: " male" })),
    // Of as many tokens before the subject, but not the same ones.
    ...["Mary was {}", "John was {}"].map((template) => ({ subject: "here", template, target: " male" })),
  ];
  const together = await solve(model, requests, { hyperParameters, contexts }, quietRun());
  for (const [i, request] of requests.entries()) {
    const [alone] = await solve(model, [request], { hyperParameters, contexts }, quietRun());
    expect(alone!.losses.length).toBe(together[i]!.losses.length);
    const difference = alone!.delta.map((component, j) => component - together[i]!.delta[j]!);
    expect(Math.hypot(...difference) / Math.hypot(...alone!.delta)).toBeLessThan(1e-4);
  }
});
