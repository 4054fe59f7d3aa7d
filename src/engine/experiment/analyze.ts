import type { Point, Report } from "../../protocol/results.ts";
import { labelsOf } from "../concept/concept.ts";
import { chooseRegularization } from "../numerics/crossValidation.ts";
import { balancedEstimate } from "../numerics/intervals.ts";
import { fitLogisticRegression, logits } from "../numerics/logisticRegression.ts";
import { principalAxes } from "../numerics/pca.ts";
import { Random } from "../numerics/random.ts";
import { cosine, dot, norm, rowAt, rowsOf, takeRows } from "../numerics/rows.ts";
import { type Split, stratifiedSplit } from "../numerics/split.ts";
import { deviation, mean, wilsonInterval } from "../numerics/statistics.ts";
import { type AnalyzeInput, checkInput } from "./analyzeInput.ts";
import type { ClassifierFile } from "./classifier.ts";
import { learningCurve, shuffledLabels, type Task, testAccuracy } from "./controls.ts";
import { conceptVector, meanDifference, projection } from "./vector.ts";

const trainShare = 0.7;
const listedComponents = 12;

/**
 * The analysis of the essay "Gender Vectors in ROME's Latent Space": does a linear classifier tell the two directions
 * of edit apart by Δv, and which vector does it point to? Stratified 70/30 split, C chosen by cross-validation on the
 * training part, test accuracy with its interval, learning curve, shuffled labels, the same on v, principal
 * components, g = sign(w). The same input gives the same report, to the last bit.
 * @returns the report, as yet without transfer to other names, and the classifier for scoring later edits
 * @throws RomeError "data" for rows that do not fit or are not finite, "input" for too few edits in a direction
 */
export function analyze(input: AnalyzeInput): { report: Report; classifier: ClassifierFile } {
  const { records, deltas, values, manifest, concept, seed } = input;
  const [first, second] = labelsOf(concept);
  checkInput(input, first, second);

  const rows = rowsOf(deltas, deltas.length / records.length);
  const labels = records.map(({ from }) => (from === first ? 1 : 0));
  const split = stratifiedSplit(labels, trainShare, new Random(seed, "split"));
  const axes = principalAxes(rows);
  const task: Task = { rows: axes.coordinates, labels, split, seed };
  const { C, model: onAxes, accuracy } = classify(task);
  const weights = axes.lift(onAxes.weights);
  const model = { weights, intercept: onAxes.intercept - dot(weights, axes.mean) };
  const vector = conceptVector(model.weights);
  const difference = Float64Array.from(meanDifference(records, deltas, first));

  const scores = logits(model, rows);
  const of = <T>(values: ArrayLike<T>) => split.test.map((row) => values[row]!);
  const balanced = balancedEstimate(
    of(scores).map((score) => (score > 0 ? 1 : 0)),
    of(labels),
  );
  const projections = records.map((_, row) => projection(rowAt(rows, row), vector));
  const inTest = new Set(split.test);
  const norms = records.map((_, row) => norm(rowAt(rows, row)));
  const points = records.map(
    ({ name, from, to, losses, flipped, before, after }, row): Point => ({
      name,
      from,
      to,
      split: inTest.has(row) ? "test" : "train",
      score: scores[row]!,
      projection: projections[row]!,
      deltaNorm: norms[row]!,
      pca: firstThree(rowAt(axes.coordinates, row)),
      evaluations: losses.length,
      flipped,
      before,
      after,
    }),
  );
  const report: Report = {
    concept: { name: concept.name, prompt: concept.prompt, labels: [first, second] },
    model: { name: manifest.model.name, fingerprint: manifest.model.fingerprint },
    layer: manifest.layer,
    prompt: concept.prompt,
    seed,
    split: { train: split.train.length, test: split.test.length },
    recorded: {
      total: records.length,
      flipped: records.filter(({ flipped }) => flipped).length,
      meanEvaluations: mean(records.map(({ losses }) => losses.length)),
      unexpected: records
        .filter(({ expected, from }) => expected !== from)
        .map(({ name, expected, from }) => ({ name, expected, from })),
      failures: records.filter(({ flipped }) => !flipped).map(({ name }) => name),
    },
    classifier: {
      regularization: C,
      testAccuracy: accuracy,
      interval95: wilsonInterval(Math.round(accuracy * split.test.length), split.test.length),
      balancedAccuracy: { value: balanced.value, interval95: [balanced.interval[0], balanced.interval[1]] },
      learningCurve: learningCurve(task, C),
      shuffledLabels: shuffledLabels(task, C),
      onValues: values?.length ? onValues(values, labels, split, seed) : null,
    },
    pca: { explainedVariance: firstThree(axes.explainedVariance) },
    vector: {
      norm: norm(Float64Array.from(vector)),
      meanDeltaNorm: mean(norms),
      cosineToMeanDifference: cosine(Float64Array.from(vector), difference),
      cosineToWeights: cosine(Float64Array.from(vector), model.weights),
      projectionDeviation: deviation(projections),
      largest: largestComponents(model.weights),
      scale: null,
    },
    transfer: [],
    points,
  };
  const classifier: ClassifierFile = {
    schema: 1,
    vectorName: concept.vector,
    prompt: concept.prompt,
    labels: [first, second],
    model: report.model,
    layer: manifest.layer,
    seed,
    train: split.train.length,
    regularization: C,
    weights: Array.from(model.weights),
    intercept: model.intercept,
    vector: Array.from(vector),
  };
  return { report, classifier };
}

/** Chooses C and fits on the training part; accuracy on the test part. */
function classify(task: Task) {
  const { rows, labels, split, seed } = task;
  const part = takeRows(rows, split.train);
  const partLabels = split.train.map((row) => labels[row]!);
  const { C } = chooseRegularization(part, partLabels, new Random(seed, "cross-validation"));
  const model = fitLogisticRegression(part, partLabels, { C });
  return { C, model, accuracy: testAccuracy(model, task) };
}

/** Control: the same classifier on what the layer wrote before the edit. */
function onValues(values: Float32Array, labels: readonly number[], split: Split, seed: number) {
  const { coordinates } = principalAxes(rowsOf(values, values.length / labels.length));
  return { testAccuracy: classify({ rows: coordinates, labels, split, seed }).accuracy };
}

function firstThree(values: ArrayLike<number>): [number, number, number] {
  return [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0];
}

function largestComponents(weights: Float64Array): { component: number; weight: number }[] {
  return Array.from(weights, (weight, component) => ({ component, weight }))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, listedComponents);
}
