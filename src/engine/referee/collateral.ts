import type { Collateral } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { wordsOf } from "../evaluate/formulas.ts";
import { perplexities } from "../evaluate/logProbabilities.ts";
import { generate } from "../model/generate.ts";
import { logProbabilities } from "../model/logits.ts";
import { mean } from "../numerics/statistics.ts";
import type { LiveEdit } from "../rome/edit.ts";
import { ask, likelier } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import { tell } from "../rome/tell.ts";
import type { Evidence } from "./evidence.ts";
import { holdsFact } from "./limits.ts";
import { shareOf } from "./rates.ts";
import type { Push, Scene } from "./scene.ts";

/** Each item says whether it stayed as it was; together what was asked with one name edited. */
export interface Kept {
  readonly neighbours: readonly (readonly boolean[])[];
  readonly facts: readonly (readonly boolean[])[];
}

/** What pushes do besides: the names that are edited, each with the push that is to turn it, and what is asked of all. */
export class Besides {
  private constructor(
    readonly evidence: Evidence,
    readonly scene: Scene,
    /** Positions of the edited names in the scene, and their neighbours. */
    readonly edited: readonly number[],
    readonly neighbours: readonly string[],
    /** Prompts of facts that the concept does not decide, and that the model holds of names of the scene. */
    readonly facts: readonly Fact[],
    readonly before: {
      readonly facts: readonly string[];
      readonly neighbours: readonly string[];
      readonly perplexity: number;
    },
  ) {}

  static async of(evidence: Evidence, run: Run): Promise<Besides> {
    const { validation: scene, concept, settings, rome, judged } = evidence;
    const edited = scene.fewer(settings.collateral).taking;
    const neighbours = judged.subjects.names.slice(0, concept.neighbours);
    const facts = await factsOf(scene, factsAName * settings.collateral, run);
    const { prompts } = await rome.drift();
    const shell = new Besides(evidence, scene, edited, neighbours, facts, { facts: [], neighbours: [], perplexity: 1 });
    const before = {
      facts: await shell.#factsWith(facts, () => [], run),
      neighbours: await shell.#neighboursWith([[]], run),
      perplexity: (await perplexities(rome.model, prompts, [[]], run))[0] as number,
    };
    return new Besides(evidence, scene, edited, neighbours, facts, before);
  }

  /** Whether other names and other facts stay under the push that turns each edited name. */
  async kept(push: Push, length: number, run: Run): Promise<Kept> {
    const facts = await this.factsKept((i) => this.#edit(i, push, length), run);
    return { neighbours: await this.#neighboursKept(this.edited, push, length, run), facts };
  }

  /** A smaller sample of it, as the card has it of each vector. */
  async measure(push: Push, length: number, run: Run): Promise<Collateral> {
    return {
      neighbours: shareOf((await this.#neighboursKept(this.#some, push, length, run)).flat()),
      facts: await this.factsShare(push, length, run),
      perplexity: mean(await this.perplexities(push, length, run, this.#some)),
      divergence: await this.divergence(push, length, run),
    };
  }

  /** Perplexity of unrelated text with each of the edits, as a multiple of that without. */
  async perplexities(push: Push, length: number, run: Run, edited = this.edited): Promise<number[]> {
    const { model } = this.evidence.rome;
    const { prompts } = await this.evidence.rome.drift();
    const sets = edited.map((i) => [this.#edit(i, push, length)]);
    return (await perplexities(model, prompts, sets, run)).map((edited) => edited / this.before.perplexity);
  }

  /** Mean KL of the next token on unrelated prompts, in nats. */
  async divergence(push: Push, length: number, run: Run): Promise<number> {
    const drift = await this.evidence.rome.drift();
    const sets = this.edited.slice(0, driftEdits).map((i) => [this.#edit(i, push, length)]);
    return mean(await drift.measure(sets, run));
  }

  /** Share of some other facts of the edited names that stay; null where none is asked. */
  async factsShare(push: Push, length: number, run: Run): Promise<number | null> {
    const some = this.facts.slice(0, factsAName * sample);
    if (some.length === 0) return null;
    return shareOf((await this.factsKept((i) => this.#edit(i, push, length), run, some)).flat());
  }

  /** For each name with facts whether they stay, with an edit for each name of the scene. */
  async factsKept(editOf: (i: number) => LiveEdit, run: Run, facts = this.facts): Promise<boolean[][]> {
    const after = await this.#factsWith(facts, (i) => [editOf(i)], run);
    const kept = new Map<number, boolean[]>();
    for (const [row, { i }] of facts.entries())
      kept.set(i, [...(kept.get(i) ?? []), after[row] === this.before.facts[row]]);
    return [...kept.values()];
  }

  #edit(i: number, { plus, minus }: Push, length: number): LiveEdit {
    return this.scene.subjects.editOf(i, this.scene.groups[i] === 0 ? plus : minus, length);
  }

  /** First word after each fact's prompt. */
  async #factsWith(facts: readonly Fact[], edits: (i: number) => readonly LiveEdit[], run: Run): Promise<string[]> {
    const known = new Map<number, readonly LiveEdit[]>();
    const questions = facts.map(({ i, prompt }) => {
      const on = known.get(i) ?? edits(i);
      known.set(i, on);
      return { prompt, edits: on };
    });
    const outcomes = await ask(this.evidence.rome.model, questions, [], { maxTokens: 3 }, run);
    return outcomes.map(({ completion }) => wordsOf(completion)[0] ?? "");
  }

  /** Edited names by which the smaller sample goes. */
  get #some(): readonly number[] {
    return this.edited.slice(0, sample);
  }

  async #neighboursKept(edited: readonly number[], push: Push, length: number, run: Run): Promise<boolean[][]> {
    const after = await this.#neighboursWith(
      edited.map((i) => [this.#edit(i, push, length)]),
      run,
    );
    const { neighbours: before } = this.before;
    return edited.map((_, row) => before.map((label, j) => after[row * before.length + j] === label));
  }

  /** The label of each neighbour, with these edits on and then with those. */
  async #neighboursWith(sets: readonly (readonly LiveEdit[])[], run: Run): Promise<string[]> {
    const { concept, rome } = this.evidence;
    const questions = sets.flatMap((edits) =>
      this.neighbours.map((name) => ({ prompt: fill(concept.prompt, name), edits })),
    );
    return (await tell(rome.model, questions, concept.targets, run)).map(likelier);
  }
}

/** Something that is asked of an edited name, by its number in the scene. */
interface Fact {
  readonly i: number;
  readonly prompt: string;
}

/** Edited names by which all vectors are compared; the check of the one on trial takes all. */
const sample = 12;
/** Edits that the drift of unrelated prompts is measured with. */
const driftEdits = 4;
/** Facts for each edited name, as far as the model is sure of so many. */
const factsAName = 3;

/** The concept's further facts that the model is sure of; what it only guesses, any edit changes. */
async function factsOf(scene: Scene, most: number, run: Run): Promise<Fact[]> {
  const { rome, names, concept } = scene.subjects;
  const decided = new Set(concept.paraphrases.map(({ template }) => template));
  const templates = concept.facts.map(({ template }) => template).filter((template) => !decided.has(template));
  const all = scene.taking.flatMap((i) =>
    templates.map((template) => ({ i, prompt: fill(template, names[i] as string) })),
  );
  const sure: Fact[] = [];
  for (let start = 0; start < all.length && sure.length < most; start += rowsPerRun) {
    const part = all.slice(start, start + rowsPerRun);
    const rows = part.map(({ prompt }) => rome.model.tokenizer.encode(prompt));
    const { firstLogits } = await generate(rome.model, rows, { maxTokens: 0 }, run);
    const shares = firstLogits.map((logits) => Math.exp(logProbabilities(logits).reduce((a, b) => Math.max(a, b))));
    sure.push(...part.filter((_, row) => (shares[row] ?? 0) >= holdsFact));
  }
  return sure.slice(0, most);
}

/** Prompts that run as one batch. */
const rowsPerRun = 64;
