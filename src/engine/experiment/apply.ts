import type { Concept } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Outcome, Rate, TransferRow } from "../../protocol/results.ts";
import { type Run, within } from "../../protocol/run.ts";
import { wilsonInterval } from "../numerics/statistics.ts";
import type { Edit, LiveEdit } from "../rome/edit.ts";
import { ask, beginsWith, likelier, type Question } from "../rome/outcomes.ts";
import { fill, type Request } from "../rome/prompt.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";

/** Signed scale for a name that the model gives this label. */
export type ScaleFor = (label: string) => number;

/** What a vector did to one name. */
export interface Applied {
  readonly name: string;
  readonly prompt: string;
  readonly from: string;
  readonly before: Outcome;
  readonly after: Outcome;
  /** The likelier label is another one than before. */
  readonly changed: boolean;
  /** What was written for it, and its signed scale. */
  readonly edit: LiveEdit;
  readonly scale: number;
}

/** What the edits that write a vector rest on. */
export type ApplyOptions = EditOptions & { readonly maxTokens?: number };

/** Writes scale · vector as the δ of a rank-one edit for each name, each name with its own edit and perhaps scale. */
export async function apply(
  rome: Rome,
  vector: Float32Array,
  scale: number | ScaleFor,
  names: readonly string[],
  concept: Concept,
  options: ApplyOptions,
  run: Run,
): Promise<Applied[]> {
  const subjects = await Subjects.of(rome, names, concept, options, run);
  const before = await subjects.ask(undefined, 0, options, run);
  const labels = before.map(({ probability }) => likelier(probability));
  const scales = labels.map((label) => (typeof scale === "number" ? scale : scale(label)));
  const after = await subjects.ask(vector, scales, options, run);
  return names.map((name, i) => {
    const [then, now] = [before[i] as Outcome, after[i] as Outcome];
    const [from, signed] = [labels[i] as string, scales[i] as number];
    const changed = likelier(now.probability) !== from;
    const edit = subjects.editOf(i, vector, signed);
    return { name, prompt: subjects.promptOf(name), from, before: then, after: now, changed, scale: signed, edit };
  });
}

/** Where in a prompt a vector is written: at the last token of the subject, in the template. */
export type Place = (name: string, prompt: string) => Omit<Request, "target">;

export const nameItself: Place = (subject, template) => ({ subject, template });

/** Names made ready for any number of vectors: for each, how an edit turns a δ into a change of the weights. */
export class Subjects {
  private constructor(
    readonly rome: Rome,
    readonly names: readonly string[],
    readonly concept: Concept,
    /** For δ = 0: u, and the denominator by which a δ is divided. */
    readonly edits: readonly Edit[],
  ) {}

  static async of(
    rome: Rome,
    names: readonly string[],
    concept: Concept,
    options: ApplyOptions,
    run: Run,
    place: Place = nameItself,
  ): Promise<Subjects> {
    const requests = names.map((name) => place(name, concept.prompt));
    const nothing = new Float32Array(rome.model.size.width);
    return new Subjects(rome, names, concept, await rome.editWith(nothing, requests, options, run));
  }

  /** The same names and edits, with other words of the same prompt. */
  under(concept: Concept): Subjects {
    return new Subjects(this.rome, this.names, concept, this.edits);
  }

  /** The concept's prompt about a name. */
  promptOf(name: string): string {
    return fill(this.concept.prompt, name);
  }

  /** scale · vector as this name's edit. */
  editOf(name: number, vector: Float32Array, scale: number): LiveEdit {
    const { layer, u, denominator } = this.edits[name] as Edit;
    return { layer, u, r: vector.map((x) => (scale * x) / denominator) };
  }

  /** What the model says of each name with scale · vector written for it; one scale for all, or one a name. */
  ask(
    vector: Float32Array | undefined,
    scale: number | readonly number[],
    { maxTokens = 24 }: ApplyOptions,
    run: Run,
  ): Promise<Outcome[]> {
    const questions = this.names.map((name, i): Question => {
      const prompt = this.promptOf(name);
      const own = typeof scale === "number" ? scale : (scale[i] as number);
      return vector ? { prompt, edits: [this.editOf(i, vector, own)] } : { prompt };
    });
    return ask(this.rome.model, questions, this.concept.targets, { maxTokens }, run);
  }
}

/** A vector of the sweep, as it stands in the report. */
export interface Candidate {
  readonly vector: TransferRow["vector"];
  readonly seed?: number;
  readonly direction: Float32Array;
}

export interface SweepOptions extends ApplyOptions {
  readonly scales: readonly number[];
  /** Names of other labels than the two, which should be left alone. */
  readonly others?: readonly string[];
}

/** Long enough for the first word; names that fail are asked for more. */
export const wordTokens = 4;
const failureTokens = 16;

/**
 * Applies each vector at each scale, with both signs, to names outside the data. + is to change names of the first
 * label and leave those of the second; − the mirror image. Labels are those the model gives; a change counts by the
 * likelier target, and beside it by the first word of the completion. Progress counts pairs of a vector and a scale.
 */
export async function sweep(
  rome: Rome,
  names: readonly string[],
  concept: Concept,
  candidates: readonly Candidate[],
  options: SweepOptions,
  run: Run,
): Promise<TransferRow[]> {
  const subjects = await Subjects.of(rome, names, concept, options, run);
  const before = await subjects.ask(undefined, 0, { ...options, maxTokens: 0 }, run);
  const labels = before.map(({ probability }) => likelier(probability));
  const drag = await draggerOf(rome, concept, options, run);
  const rows: TransferRow[] = [];
  const counted = () => ({ phase: "apply", done: rows.length, total: candidates.length * options.scales.length });
  const part = within(run, counted);
  for (const { vector, seed, direction } of candidates) {
    for (const scale of options.scales) {
      throwIfCancelled(run.signal);
      const plus = await subjects.ask(direction, scale, { ...options, maxTokens: wordTokens }, part);
      const minus = await subjects.ask(direction, -scale, { ...options, maxTokens: wordTokens }, part);
      const row = rates(labels, plus, minus, concept);
      const others = vector === "random" ? undefined : await drag?.(direction, scale, part);
      rows.push({
        vector,
        scale,
        ...row,
        ...(seed === undefined ? {} : { seed }),
        ...(others && { others }),
        failures: [],
      });
      run.progress(counted());
    }
  }
  return rows;
}

/**
 * For names of further labels: how many a vector drags to its target, judged by the first word alone, because the
 * likelier of two targets says nothing of a name that has a third. Undefined where there are no such names.
 */
async function draggerOf(rome: Rome, concept: Concept, { others = [], ...options }: SweepOptions, run: Run) {
  if (others.length === 0) return undefined;
  const [first, second] = concept.targets;
  const asked = { ...options, maxTokens: wordTokens };
  const subjects = await Subjects.of(rome, others, concept, options, run);
  const before = await subjects.ask(undefined, 0, asked, run);
  const drag = async (direction: Float32Array, scale: number, target: typeof first, part: Run): Promise<Rate> => {
    const after = await subjects.ask(direction, scale, asked, part);
    const elsewhere = after.filter((_, i) => !beginsWith((before[i] as Outcome).completion, target));
    return {
      count: elsewhere.filter(({ completion }) => beginsWith(completion, target)).length,
      total: elsewhere.length,
    };
  };
  return async (direction: Float32Array, scale: number, part: Run) => ({
    plus: await drag(direction, scale, second, part),
    minus: await drag(direction, -scale, first, part),
  });
}

/** Names that did not do what they should under ±scale · vector, with their completions. */
export async function failuresOf(
  rome: Rome,
  names: readonly string[],
  concept: Concept,
  direction: Float32Array,
  scale: number,
  options: ApplyOptions,
  run: Run,
): Promise<TransferRow["failures"]> {
  const [first, second] = concept.targets;
  const failures: TransferRow["failures"] = [];
  for (const sign of [1, -1] as const) {
    const wanted = sign === 1 ? second.label : first.label;
    const asked = { ...options, maxTokens: failureTokens };
    const applied = await apply(rome, direction, sign * scale, names, concept, asked, run);
    for (const { name, after } of applied)
      if (likelier(after.probability) !== wanted) failures.push({ name, sign, completion: after.completion });
  }
  return failures;
}

function rates(labels: readonly string[], plus: readonly Outcome[], minus: readonly Outcome[], { targets }: Concept) {
  const [first, second] = targets;
  const both = (says: (outcome: Outcome, label: typeof first) => boolean) => {
    const count = (from: typeof first, outcomes: readonly Outcome[], to: typeof first): Rate => {
      const among = outcomes.filter((_, i) => labels[i] === from.label);
      const hits = among.filter((outcome) => says(outcome, to)).length;
      return { count: hits, total: among.length, interval95: wilsonInterval(hits, among.length) };
    };
    return {
      plus: { changed: count(first, plus, second), stayed: count(second, plus, second) },
      minus: { changed: count(second, minus, first), stayed: count(first, minus, first) },
    };
  };
  return {
    ...both(({ probability }, { label }) => likelier(probability) === label),
    byFirstWord: both(({ completion }, target) => beginsWith(completion, target)),
  };
}
