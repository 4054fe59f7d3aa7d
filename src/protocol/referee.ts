/**
 * The referee's verdict card: what a direction in a model was tried for, and what came out. The same shape on the
 * command line (`--json`), between the processes, in files and in the lab. The same data and seed give the same card, so
 * it holds no times.
 */
import * as v from "valibot";

export const checkIds = [
  "readable",
  "newNames",
  "notAnyPush",
  "notTheWord",
  "notThePrompt",
  "stable",
  "necessary",
  "onlyThat",
] as const;

/** How a vector may be made of recorded edits; each is a unit vector for either sign. */
export const constructionNames = [
  "sign",
  "weights",
  "meanDifference",
  "discriminant",
  "firstComponent",
  "ownMeans",
  "universalBox",
  "universal",
] as const;

export const verdict = v.picklist(["holds", "fails", "undecided"]);
const interval = v.tuple([v.number(), v.number()]);

/** One number of a check. */
export const figure = v.object({
  /** What was measured, in words. */
  name: v.string(),
  value: v.number(),
  /** Of 95 %; null where there is nothing to draw from. */
  interval: v.nullable(interval),
  /** A share is shown in per cent, a difference of shares in points, a ratio with all its decimals. */
  unit: v.picklist(["share", "points", "ratio", "number"]),
  /** The bound it was to keep, stated beforehand; null for a figure that decides nothing. */
  bound: v.nullable(v.object({ side: v.picklist(["atLeast", "atMost"]), value: v.number() })),
  /** What the figure says by itself; null without a bound. */
  verdict: v.nullable(verdict),
  /** Decides nothing, but belongs beside those that do. */
  beside: v.optional(v.literal(true)),
});

export const check = v.object({
  id: v.picklist(checkIds),
  /** The claim on trial, in one sentence. */
  claim: v.string(),
  figures: v.array(figure),
  /** The bounds in words. */
  threshold: v.string(),
  /** All bounds kept for certain; one missed for certain; or neither. */
  verdict,
  /** What a reader has to know besides: what could not be asked, and why. */
  notes: v.array(v.string()),
});

const rate = v.object({ count: v.number(), total: v.number(), interval });
/** + is to change names of the first label and leave those of the second; − the mirror image. */
const rates = v.object({ plusChanged: rate, plusStayed: rate, minusChanged: rate, minusStayed: rate });

/** What a push does besides: shares kept, a ratio of perplexities, nats on unrelated prompts. */
const collateral = v.object({
  /** Other names that keep their label while one name is edited. */
  neighbours: v.number(),
  /** Other facts of the edited name that stay; null where none is asked. */
  facts: v.nullable(v.number()),
  /** Perplexity of unrelated text with the edit, as a multiple of that without. */
  perplexity: v.number(),
  divergence: v.number(),
});

/** A vector at the length that was best for it on the validation half, judged on the other half. */
export const comparedVector = v.object({
  name: v.picklist(constructionNames),
  length: v.number(),
  rates,
  collateral,
  /** Change against collateral at every length, on the validation half. */
  curve: v.array(
    v.object({
      length: v.number(),
      /** The worst of the four rates, and the mean of the two that are to change. */
      worst: v.number(),
      changed: v.number(),
      /** Share of names that vectors of random signs turn. */
      random: v.number(),
      facts: v.nullable(v.number()),
      divergence: v.number(),
    }),
  ),
  /**
   * At the length that is best for it on the validation half among those at which random signs do little there, judged on
   * the other half; null where they do much at every length.
   */
  quiet: v.nullable(v.object({ length: v.number(), rates, random: v.number() })),
  /**
   * Of so many names, those that only this vector, or only the control, did right, at this length, and McNemar's exact
   * p; of a control that was drawn more than once: its middle draw, p doubled.
   */
  against: v.array(
    v.object({
      control: v.string(),
      draws: v.number(),
      names: v.number(),
      only: v.number(),
      onlyControl: v.number(),
      p: v.number(),
    }),
  ),
  /** Share of names that vectors of random signs turn at this length. */
  random: v.number(),
  /** Cosine to the vector on trial. */
  cosine: v.number(),
});

export const refereeCard = v.object({
  schema: v.literal(1),
  /** In plain words. */
  summary: v.string(),
  concept: v.object({ name: v.string(), prompt: v.string(), labels: v.tuple([v.string(), v.string()]) }),
  model: v.object({ name: v.string(), fingerprint: v.string() }),
  layer: v.number(),
  seed: v.number(),
  /** The vector on trial, and the length it is used at. */
  vector: v.picklist(constructionNames),
  length: v.number(),
  /** The vector whose worst rate is the best. */
  best: v.picklist(constructionNames),
  /** How many names were asked, and so on. */
  settings: v.record(v.string(), v.number()),
  checks: v.array(check),
  skipped: v.array(v.picklist(checkIds)),
  vectors: v.array(comparedVector),
});

/** What a trial is going to do. */
export const refereePlan = v.object({
  parts: v.array(v.object({ name: v.string(), seconds: v.number(), done: v.boolean() })),
  /** Of what is not done yet, all together. */
  seconds: v.number(),
});

export type CheckId = (typeof checkIds)[number];
export type ConstructionName = (typeof constructionNames)[number];
export type Verdict = v.InferOutput<typeof verdict>;
export type Figure = v.InferOutput<typeof figure>;
export type Check = v.InferOutput<typeof check>;
export type Collateral = v.InferOutput<typeof collateral>;
export type ComparedVector = v.InferOutput<typeof comparedVector>;
export type FourRates = v.InferOutput<typeof rates>;
export type RefereePlan = v.InferOutput<typeof refereePlan>;
export type RefereeCard = v.InferOutput<typeof refereeCard>;
