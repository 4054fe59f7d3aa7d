import type { Concept } from "../../protocol/concept.ts";
import type { Probabilities } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { type ApplyOptions, type Place, Subjects } from "../experiment/apply.ts";
import { balancedAccuracy } from "../numerics/classification.ts";
import type { LiveEdit } from "../rome/edit.ts";
import type { Question } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { Rome } from "../rome/rome.ts";
import { tell } from "../rome/tell.ts";

/** A vector to push with: of unit length, one for either sign, [d] each; `minus` is usually −plus. */
export interface Push {
  readonly plus: Float32Array;
  readonly minus: Float32Array;
}

/** 0 for the first label, 1 for the second. */
export type Side = 0 | 1;

/** A prompt and the two words to choose from. */
export interface Asked {
  readonly prompt: string;
  /** Each a word or its written forms. */
  readonly words: readonly [string | readonly string[], string | readonly string[]];
}

/** What is said of each name under either sign of a push. */
export interface Pushed {
  readonly plus: readonly (Side | undefined)[];
  readonly minus: readonly (Side | undefined)[];
}

/** A prompt asked of some names, with any push at the name's last token; judged by the likelier of the two words. */
export class Scene {
  readonly #pushed = new WeakMap<Push, Map<number, Promise<Pushed>>>();

  private constructor(
    readonly subjects: Subjects,
    /** What the model says without a push [names]. */
    readonly said: readonly Side[],
    /** The group each name belongs to; undefined where it takes no part, because the model says otherwise here. */
    readonly groups: readonly (Side | undefined)[],
    /** Balanced accuracy of `said` against the groups that were given. */
    readonly toldApart: number,
    /** The group of each name, whatever the model says here. */
    readonly given: readonly Side[],
  ) {}

  /**
   * @param asked prompt and words instead of the concept's own
   * @param groups of each name; left out: what the model says here
   */
  static async of(
    rome: Rome,
    names: readonly string[],
    concept: Concept,
    { asked, groups, place, ...options }: ApplyOptions & SceneOptions,
    run: Run,
  ): Promise<Scene> {
    const own = asked ? inWords(concept, asked) : concept;
    const subjects = await Subjects.of(rome, names, own, options, run, place);
    const prompts = names.map((name) => ({ prompt: fill(own.prompt, name) }));
    const said = (await tell(rome.model, prompts, own.targets, run)).map((told) => sideOf(told, own));
    return Scene.#judged(subjects, said, groups ?? said);
  }

  /** The same with its two words exchanged, which asks nothing again. */
  otherWayRound(): Scene {
    const { subjects, given } = this;
    const [first, second] = subjects.concept.targets;
    const words = ({ text, forms }: typeof first) => ({ text, forms });
    const targets = [
      { ...first, ...words(second) },
      { ...second, ...words(first) },
    ] as const;
    const said = this.said.map((side): Side => (side === 0 ? 1 : 0));
    return Scene.#judged(subjects.under({ ...subjects.concept, targets: [...targets] }), said, given);
  }

  static #judged(subjects: Subjects, said: readonly Side[], given: readonly Side[]): Scene {
    const both = given.includes(0) && given.includes(1);
    const groups = said.map((side, i) => (side === given[i] ? side : undefined));
    return new Scene(subjects, said, groups, both ? balancedAccuracy(said, given) : 0, given);
  }

  /**
   * The same scene with so many of the names that take part, of either group as many as there are.
   *
   * @param turn another number takes other names, as long as there are some
   */
  fewer(count: number, turn = 0): Scene {
    const of = (side: Side) => {
      const members = this.taking.filter((i) => this.groups[i] === side);
      const from = (turn * Math.ceil(count / 2)) % Math.max(1, members.length);
      return [...members.slice(from), ...members.slice(0, from)];
    };
    const [first, second] = [of(0), of(1)];
    const paired = first.flatMap((i, rank) => [i, ...second.slice(rank, rank + 1)]);
    const kept = new Set([...paired, ...second.slice(first.length)].slice(0, count));
    const groups = this.groups.map((side, i) => (kept.has(i) ? side : undefined));
    return new Scene(this.subjects, this.said, groups, this.toldApart, this.given);
  }

  /** Positions of the names that take part. */
  get taking(): number[] {
    return [...this.groups.keys()].filter((i) => this.groups[i] !== undefined);
  }

  /** What is said of each name that takes part (others: their group is undefined) with an edit for each. */
  async withEdits(editOf: (i: number) => LiveEdit, run: Run): Promise<readonly (Side | undefined)[]> {
    const taking = this.taking;
    const sides = await this.saidWith(
      taking.map((i) => [i, editOf(i)] as const),
      run,
    );
    const found: (Side | undefined)[] = this.groups.map(() => undefined);
    for (const [row, i] of taking.entries()) found[i] = sides[row];
    return found;
  }

  /** What is said of names with an edit each; a name may occur with many. */
  async saidWith(asked: readonly (readonly [i: number, edit: LiveEdit])[], run: Run): Promise<Side[]> {
    const { rome, names, concept } = this.subjects;
    const questions = asked.map(([i, edit]): Question => {
      return { prompt: fill(concept.prompt, names[i] as string), edits: [edit] };
    });
    return (await tell(rome.model, questions, concept.targets, run)).map((told) => sideOf(told, concept));
  }

  /** What is said of each name that takes part (others: undefined) with +length · push, and with −; asked once. */
  pushed(push: Push, length: number, run: Run): Promise<Pushed> {
    const known = this.#pushed.get(push)?.get(length);
    if (known) return known;
    const both = this.#pushedBoth(push, length, run);
    this.#pushed.set(push, (this.#pushed.get(push) ?? new Map()).set(length, both));
    both.catch(() => this.#pushed.get(push)?.delete(length));
    return both;
  }

  async #pushedBoth({ plus, minus }: Push, length: number, run: Run): Promise<Pushed> {
    const { taking } = this;
    const asked = [plus, minus].flatMap((vector) =>
      taking.map((i) => [i, this.subjects.editOf(i, vector, length)] as const),
    );
    const said = await this.saidWith(asked, run);
    const sides = (from: number) => {
      const found: (Side | undefined)[] = this.groups.map(() => undefined);
      for (const [row, i] of taking.entries()) found[i] = said[from + row];
      return found;
    };
    return { plus: sides(0), minus: sides(taking.length) };
  }
}

export interface SceneOptions {
  readonly asked?: Asked;
  readonly groups?: readonly Side[];
  readonly place?: Place;
}

/** The concept with another prompt and other words, under its own labels. */
function inWords(concept: Concept, { prompt, words }: Asked): Concept {
  const [first, second] = concept.targets;
  const target = ({ label }: typeof first, word: string | readonly string[]) => {
    const [text = "", ...forms] = [word].flat();
    return { label, text, forms };
  };
  return { ...concept, prompt, targets: [target(first, words[0]), target(second, words[1])] };
}

function sideOf(probability: Probabilities, { targets: [first, second] }: Concept): Side {
  return (probability[second.label] ?? 0) > (probability[first.label] ?? 0) ? 1 : 0;
}
