import { say } from "../../protocol/phrase.ts";

/**
 * The bounds of the eight checks, stated before any model was tried: docs/referee.md has the same table. A figure keeps
 * its bound for certain when its whole 95 % interval does.
 */
export const limits = {
  /** 1. Balanced accuracy of the classifier on held-out edits, and the p of its shuffles. */
  readable: { balancedAccuracy: 0.9, permutationP: 0.01 },
  /** 2. The worst of the four rates: on new names, and on names of other languages. */
  newNames: { worstRate: 0.9, otherLanguages: 0.75 },
  /** 3. Names that random signs of the same length turn, and how far ahead the vector is of any other push. */
  notAnyPush: { randomSigns: 0.05, ahead: 0.25 },
  /** 4. Turned by a vector of two meaningless words; other words of the concept that are turned. */
  notTheWord: { placebo: 0.1, otherWords: 0.5 },
  /** 5. Names turned, and names that stay, under prompts that it was not found with; so many of these at least. */
  notThePrompt: { changed: 0.75, stayed: 0.75, texts: 3 },
  /** 6. Names that the vector of either half of the data turns, and that it leaves; the same of other contexts. */
  stable: { halves: 0.9, otherContexts: 0.75 },
  /**
   * 7. Balanced accuracy of what the model says, or of its opposite, once the vector, or the concept, is erased there;
   * facts that stay.
   */
  necessary: { saysStill: 0.6, facts: 0.9 },
  /** 8. Other names and other facts that stay; names of third labels dragged along; perplexity as a multiple. */
  onlyThat: { neighbours: 0.95, facts: 0.9, thirdLabels: 0.1, perplexity: 1.05 },
} as const;

/** Figures of the third, the fourth and the seventh check that the summary tells. */
export const turnedByRandom = "random signs of the same length turn";
export const turnedByShuffled = "vectors of shuffled labels of the same length turn";
export const withoutTheWord = say`turned without that direction`;
export const withoutTheVector = say`still told apart, projected out: the vector, rank one`;
/** A scene is one in which the model tells the groups apart before any push: balanced accuracy from here on. */
export const tellsApart = 0.7;
/** A fact counts as one that the model holds of a name where its first token has at least this probability. */
export const holdsFact = 0.5;
/** The goal for a vector: all four rates, at a length at which random vectors turn fewer than 5 %. */
export const goal = { rate: 0.95, random: 0.05 } as const;
