/** Messages between the extension host and the page that sets two experiments side by side, as those of resultsView.ts. */
import * as v from "valibot";
import { exportIntent } from "./exports.ts";
import { report } from "./results.ts";

/** One of the two. */
const comparedExperiment = v.object({
  folder: v.string(),
  /** When its report was written, in milliseconds since 1970; null of one that came with the extension. */
  date: v.nullable(v.number()),
  report,
});

/** Host → page. */
export const comparisonMessage = v.object({
  type: v.literal("experiments"),
  experiments: v.tuple([comparedExperiment, comparedExperiment]),
});

/** Page → host. */
export const comparisonIntent = v.variant("type", [v.object({ type: v.literal("ready") }), ...exportIntent.options]);

/** What the page remembers across a reload: which two it shows. */
export const comparisonLayout = v.object({ folders: v.optional(v.tuple([v.string(), v.string()])) });

export type ComparedExperiment = v.InferOutput<typeof comparedExperiment>;
export type ComparedExperiments = v.InferOutput<typeof comparisonMessage>["experiments"];
export type ComparisonIntent = v.InferOutput<typeof comparisonIntent>;
