import type { Concept } from "../concept/concept.ts";

/** What an evaluation asks besides the edited prompt. Templates have one {} for the name. */
export interface Suite {
  /** The edited fact in other words, with the text that each label has there. */
  readonly paraphrases: readonly { readonly template: string; readonly texts: Readonly<Record<string, string>> }[];
  readonly facts: readonly { readonly fact: string; readonly template: string }[];
  readonly generations: readonly string[];
}

const gender: Suite = {
  paraphrases: [
    { template: "First name: {}. Gender:", texts: { female: " female", male: " male" } },
    { template: "{} is a", texts: { female: " female", male: " male" } },
    { template: "{} said that", texts: { female: " she", male: " he" } },
    { template: "On Monday, {} told reporters that", texts: { female: " she", male: " he" } },
  ],
  facts: [
    { fact: "location", template: "Name: {}. Location:" },
    { fact: "occupation", template: "Name: {}. Occupation:" },
    { fact: "birth", template: "Name: {}. Age:" },
    { fact: "pronoun", template: "{} said that" },
  ],
  generations: ["{} is", "My friend {}", "When {} was a"],
};

/** The suite of a concept; one that has none of its own is asked its prompt behind other words. */
export function suiteOf({ name, prompt, targets }: Pick<Concept, "name" | "prompt" | "targets">): Suite {
  if (name === "gender") return gender;
  const texts = Object.fromEntries(targets.map(({ label, text }) => [label, text]));
  return {
    paraphrases: ["It rained on Monday. ", "The train leaves at six. "].map((before) => ({
      template: `${before}${prompt}`,
      texts,
    })),
    facts: gender.facts.slice(0, 2).filter(({ template }) => template !== prompt),
    generations: ["{} is"],
  };
}
