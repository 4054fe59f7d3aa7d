/** Synthetic snapshots for the page that sets two experiments side by side; as those of the lab. Never shipped. */
import type { ComparedExperiment, ComparedExperiments } from "../../src/protocol/comparison.ts";
import { report } from "./labSnapshots.ts";

const shipped: ComparedExperiment = { folder: "/storage/experiments/a", date: null, report };
const own: ComparedExperiment = {
  folder: "/storage/experiments/b",
  date: 1_795_000_000_000,
  report: {
    ...report,
    layer: 3,
    recorded: { ...report.recorded, total: 120, flipped: 118, meanEvaluations: 9.1 },
    classifier: { ...report.classifier, testAccuracy: 0.9722, onValues: null },
    points: report.points
      .slice(0, 120)
      .map((point) => ({ ...point, deltaNorm: 1.3 * point.deltaNorm, score: 0.6 * point.score })),
  },
};
const message = (...experiments: ComparedExperiments) => ({ type: "experiments" as const, experiments });

export const comparisonSnapshots = {
  differing: message(shipped, own),
  otherConcept: message(own, {
    ...shipped,
    report: {
      ...report,
      concept: { name: "<b>city</b>", prompt: "{} lives in", labels: ["London", "Paris"] },
      prompt: "{} lives in",
      vector: { ...report.vector, scale: null },
    },
  }),
  otherModel: message(shipped, {
    ...own,
    date: null,
    report: { ...own.report, model: { ...report.model, name: "Qwen/Qwen2.5-Coder-0.5B-Instruct@refs-pr-12-float16" } },
  }),
  same: message(shipped, { ...shipped, folder: "/storage/experiments/c" }),
};
