import { type Concept, formsOf } from "../../protocol/concept.ts";
import type { RefereeFields } from "../../protocol/refereeWords.ts";

/** What the referee asks besides the concept's own prompt. */
export type RefereeWords = Required<Omit<RefereeFields, "otherLanguages" | "ownedByNeither">> & {
  /** Only where the concept has no other texts: its own prompt after other sentences. */
  readonly openers?: RefereeFields["prompts"];
};

/** Words and texts of a concept that says none: its paraphrases; its own prompt after other sentences is no other text. */
export function wordsFor({ referee, prompt, targets, paraphrases }: Concept): RefereeWords {
  type Pair = [string[], string[]];
  const own = targets.map(formsOf) as Pair;
  const others = paraphrases.filter(({ template }) => !template.endsWith(prompt));
  const asParaphrases = others.map(({ template, texts }) => ({
    prompt: template,
    words: targets.map((target) => [texts[target.label] ?? formsOf(target)].flat()) as Pair,
  }));
  const isOwn = (words: Pair) => words.every(([word], i) => word === own[i]?.[0]);
  const leads = ["It rained on Monday. ", "Here is an old list. ", "The door was open. ", "She read aloud: ", "Note: "];
  const prompts = referee?.prompts ?? asParaphrases.filter(({ words }) => isOwn(words));
  return {
    placebo: referee?.placebo ?? [" red", " blue"],
    words: referee?.words ?? asParaphrases.filter(({ words }) => !isOwn(words)),
    prompts,
    ...(prompts.length === 0 && { openers: leads.map((lead) => ({ prompt: lead + prompt, words: own })) }),
  };
}
