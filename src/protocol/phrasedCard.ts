/** The referee's card for readers of any language: beside its English texts, each as a phrase. */
import * as v from "valibot";
import { phrase } from "./phrase.ts";
import { check, figure, refereeCard } from "./referee.ts";

export const phrasedFigure = v.object({
  ...figure.entries,
  /** Its name. */
  says: phrase,
});

export const phrasedCheck = v.object({
  ...check.entries,
  figures: v.array(phrasedFigure),
  says: v.object({ claim: phrase, threshold: phrase, notes: v.array(phrase) }),
});

export const phrasedCard = v.object({
  ...refereeCard.entries,
  checks: v.array(phrasedCheck),
  /** Of the summary. */
  sentences: v.array(phrase),
});

export type PhrasedFigure = v.InferOutput<typeof phrasedFigure>;
export type PhrasedCheck = v.InferOutput<typeof phrasedCheck>;
export type PhrasedCard = v.InferOutput<typeof phrasedCard>;
