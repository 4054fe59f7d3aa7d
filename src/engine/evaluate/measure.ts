import { type Concept, formsOf } from "../../protocol/concept.ts";
import type { Run } from "../../protocol/run.ts";
import type { LiveEdit } from "../rome/edit.ts";
import { ask } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { Rome } from "../rome/rome.ts";
import { scoreOf, wordsOf } from "./formulas.ts";
import { labelScores } from "./labelScores.ts";

/** A name whose label is to change, and names that have its old label and are to keep it. */
export interface Subject {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly neighbours: readonly string[];
}

/** What the model says of one subject and its neighbours, without or with an edit. */
export interface Measured {
  readonly efficacy: Scored;
  readonly paraphrase: Scored;
  readonly neighbourhood: Scored;
  /** First word after each fact's prompt, of the subject and of each neighbour. */
  readonly facts: readonly { readonly own: string; readonly neighbours: readonly string[] }[];
  readonly generations: readonly string[];
}
export interface Scored {
  readonly score: number;
  readonly magnitude: number;
  /** Of each prompt: the wanted text is the likelier one; P of it. */
  readonly each: readonly { readonly likelier: boolean; readonly probability: number }[];
}

const generatedTokens = 30;

/** Asks all that the concept asks of each subject, which progress counts; `edits` has one edit a subject, or is left out. */
export async function measure(
  rome: Rome,
  subjects: readonly Subject[],
  concept: Concept,
  { edits, generate = true }: { readonly edits?: readonly LiveEdit[]; readonly generate?: boolean },
  run: Run,
): Promise<Measured[]> {
  const { model } = rome;
  const texts = Object.fromEntries(concept.targets.map((target) => [target.label, formsOf(target)]));
  const words = [{ template: concept.prompt, texts }, ...concept.paraphrases];
  const found: Measured[] = [];
  for (const [i, { name, from, to, neighbours }] of subjects.entries()) {
    const live = edits?.[i];
    const on = live ? [live] : [];
    const choices = [
      ...words.map(({ template, texts }) => ({ prompt: fill(template, name), texts, wanted: to, other: from })),
      ...neighbours.map((one) => ({ prompt: fill(concept.prompt, one), texts, wanted: from, other: to })),
    ];
    const scored = await labelScores(model, choices, on, run);
    const part = (start: number, end?: number): Scored => {
      const own = scored.slice(start, end);
      const each = own.map(({ wanted, other }) => ({ likelier: wanted > other, probability: Math.exp(wanted) }));
      return { ...scoreOf(own), each };
    };

    const people = [name, ...neighbours];
    const factPrompts = generate
      ? concept.facts.flatMap(({ template }) => people.map((person) => ({ prompt: fill(template, person), edits: on })))
      : [];
    const answers = await ask(model, factPrompts, [], { maxTokens: 3 }, run);
    const said = answers.map(({ completion }) => wordsOf(completion)[0] ?? "");
    const starts = generate ? concept.generations.map((template) => ({ prompt: fill(template, name), edits: on })) : [];
    const generations = await ask(model, starts, [], { maxTokens: generatedTokens }, run);
    found.push({
      efficacy: part(0, 1),
      paraphrase: part(1, words.length),
      neighbourhood: part(words.length),
      facts: (generate ? concept.facts : []).map((_, fact) => ({
        own: said[fact * people.length] as string,
        neighbours: said.slice(fact * people.length + 1, (fact + 1) * people.length),
      })),
      generations: generations.map(({ completion }) => completion),
    });
    run.progress({ phase: "measure", done: i + 1, total: subjects.length });
  }
  return found;
}
