import * as v from "valibot";

const path = v.pipe(v.string("a text is needed"), v.minLength(1, "is empty"));

/** What the referee asks of a concept besides its own prompt; in a concept file under `referee`. */
export const refereeFields = (prompt: v.GenericSchema<string>, text: v.GenericSchema<string>) => {
  const pair = v.strictTuple([text, text], "two words are needed");
  /** A word, or its written forms. */
  const word = v.union([text, v.pipe(v.array(text), v.minLength(1, "is empty"))]);
  const asked = v.strictObject({
    prompt,
    /** What the model says there of the first label and of the second. */
    words: v.strictTuple([word, word], "two words are needed"),
  });
  return v.strictObject({
    /** Two words that mean nothing here. */
    placebo: v.optional(pair),
    /** Other words of the concept: does its vector turn them, too? */
    words: v.optional(v.array(asked)),
    /** Other texts in which the concept shows: pronouns, coreference, negation. */
    prompts: v.optional(v.array(asked)),
    /** CSV of names of other languages (columns name and language), relative to the concept file. */
    otherLanguages: v.optional(path),
    /** CSV of names that neither group owns (column name). */
    ownedByNeither: v.optional(path),
  });
};

export type RefereeFields = v.InferOutput<ReturnType<typeof refereeFields>>;
