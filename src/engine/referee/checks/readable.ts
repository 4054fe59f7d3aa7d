import { say } from "../../../protocol/phrase.ts";
import { learningCurve } from "../../experiment/controls.ts";
import { areaUnderCurve, balancedAccuracy } from "../../numerics/classification.ts";
import { balancedEstimate } from "../../numerics/intervals.ts";
import { fitLogisticRegression, logits } from "../../numerics/logisticRegression.ts";
import { principalAxes } from "../../numerics/pca.ts";
import { equalGroups, permutationInterval, permutationP } from "../../numerics/resampling.ts";
import { takeRows } from "../../numerics/rows.ts";
import { stratifiedSplit } from "../../numerics/split.ts";
import { mean } from "../../numerics/statistics.ts";
import type { Evidence } from "../evidence.ts";
import { limits } from "../limits.ts";
import type { RefereeCheck } from "../trial.ts";
import { atLeast, atMost, checked, figure } from "../verdict.ts";

/** Draws of groups of equal size, and the most edits of a group in each shuffle. */
const draws = 20;
const mostOfGroup = 100;
const { balancedAccuracy: least, permutationP: largest } = limits.readable;

/** 1. Does Δv tell the two directions apart? */
export const readable: RefereeCheck = {
  id: "readable",
  procedure: 3,
  work: () => ({ asked: 0 }),
  run: async (evidence) => {
    const { labels, deltas, report, train, test, seed } = evidence;
    const C = report.classifier.regularization;
    const rows = principalAxes(deltas).coordinates;
    const whole = judge(rows, labels, train, test, C);
    const equal = equalDraws(evidence, rows, C);
    const { observed, shuffled } = shuffles(evidence, rows, C);
    const curve = learningCurve({ rows, labels, split: { train, test }, seed }, C);
    return checked({
      id: "readable",
      claim: say`A linear classifier tells the two directions of edit apart by Δv alone.`,
      threshold: say`balanced accuracy at least ${least}, permutation p at most ${largest}`,
      figures: [
        figure(
          say`balanced accuracy on held-out edits`,
          balancedEstimate(whole.predicted, whole.truth),
          atLeast(least),
        ),
        figure(
          say`p of ${shuffled.length} shuffles`,
          {
            value: permutationP(observed, shuffled),
            interval: permutationInterval(observed, shuffled),
            unit: "number",
          },
          atMost(largest),
        ),
        figure(say`area under the curve`, { value: whole.area }),
        // Draws of the same edits: their spread is no interval of what other edits would give.
        figure(say`balanced accuracy in groups of equal size, mean of ${draws} draws`, { value: mean(equal) }),
        ...curve.map(({ train, accuracy }) => figure(say`accuracy with ${train} training edits`, { value: accuracy })),
      ],
    });
  },
};

function pick<T>(values: readonly T[], positions: readonly number[]): T[] {
  return positions.map((position) => values[position] as T);
}

type Rows = Evidence["deltas"];

function judge(rows: Rows, labels: readonly number[], train: readonly number[], test: readonly number[], C: number) {
  const model = fitLogisticRegression(takeRows(rows, train), pick(labels, train), { C, tolerance: 1e-2 });
  const scores = logits(model, takeRows(rows, test));
  const truth = pick(labels, test);
  const predicted = Array.from(scores, (score) => (score > 0 ? 1 : 0));
  return { predicted, truth, balanced: balancedAccuracy(predicted, truth), area: areaUnderCurve(scores, truth) };
}

/** Held-out balanced accuracy where both groups are as large, of each draw. */
function equalDraws({ labels, random }: Evidence, rows: Rows, C: number): number[] {
  const draw = random("equal groups");
  return Array.from({ length: draws }, () => {
    const drawn = equalGroups(labels, draw);
    const { train, test } = stratifiedSplit(pick(labels, drawn), 0.7, draw);
    return judge(rows, labels, pick(drawn, train), pick(drawn, test), C).balanced;
  });
}

/** The same training on shuffled labels, in groups of equal size; all of it again each time. */
function shuffles({ labels, random, settings }: Evidence, rows: Rows, C: number) {
  const draw = random("permutations");
  const drawn = equalGroups(labels, draw, mostOfGroup);
  const own = pick(labels, drawn);
  // Fewer rows span fewer axes; in these the same is fitted sooner.
  const part = principalAxes(takeRows(rows, drawn)).coordinates;
  const { train, test } = stratifiedSplit(own, 0.7, draw);
  const observed = judge(part, own, train, test, C).balanced;
  const shuffled = Array.from({ length: settings.permutations }, () => {
    return judge(part, draw.shuffled(own), train, test, C).balanced || 0;
  });
  return { observed, shuffled };
}
