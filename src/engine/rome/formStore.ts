import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { formsOf, type Target } from "../../protocol/concept.ts";
import type { Run } from "../../protocol/run.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { readText } from "../files/readText.ts";
import type { Model } from "../model/model.ts";
import { Random } from "../numerics/random.ts";
import { mean } from "../numerics/statistics.ts";
import { Shared } from "../run/shared.ts";
import { ask } from "./outcomes.ts";
import { fill } from "./prompt.ts";
import { noteUnkept } from "./unkept.ts";

/** A name that has a label, by its file. */
interface Labelled {
  readonly name: string;
  readonly label: string;
}

/** Of the sample of names. */
const sampleSeed = 0;
const namesALabel = 32;

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** How likely the model writes each form of a label, all of it: the mean over the sampled names that have it. */
const measuredForms = v.object({
  label: v.string(),
  names: v.pipe(v.number(), v.integer(), v.minValue(1)),
  forms: v.pipe(v.array(v.object({ text: v.string(), probability: share })), v.minLength(1)),
});
const file = v.object({ prompt: v.string(), targets: v.array(measuredForms) });
export type MeasuredForms = v.InferOutput<typeof measuredForms>;

/** The forms in which one model writes labels, measured once a prompt and its targets, and kept. */
export class FormStore {
  readonly #measured = new Shared<MeasuredForms[] | undefined>();

  constructor(
    readonly model: Model,
    /** Folder for what is made here; see `Rome.open`. */
    readonly cache: string,
  ) {}

  /**
   * Of each target how likely each of its forms is after the prompt. What is kept is read again; a file that is damaged,
   * or of something else, is measured again.
   *
   * @param names gives the names to take a seeded sample of each label from
   * @returns undefined where a label has no names
   * @throws RomeError "cancelled", and what `names` throws
   */
  of(
    prompt: string,
    targets: readonly Target[],
    names: () => Promise<readonly Labelled[]>,
    run: Run,
  ): Promise<MeasuredForms[] | undefined> {
    const make = (measuring: Run) => this.#make(prompt, targets, names, measuring);
    return this.#measured.get(this.#fileOf(prompt, targets), make, run);
  }

  /** The same where it was measured before; undefined where it was not. */
  async kept(prompt: string, targets: readonly Target[]): Promise<MeasuredForms[] | undefined> {
    const text = await readText(this.#fileOf(prompt, targets)).catch(() => undefined);
    const known = v.safeParse(v.pipe(v.string(), v.parseJson(), file), text);
    const fits = known.success && known.output.prompt === prompt && sameForms(known.output.targets, targets);
    return fits ? known.output.targets : undefined;
  }

  #fileOf(prompt: string, targets: readonly Target[]): string {
    const key = createHash("sha256")
      .update(JSON.stringify([prompt, targets, "whole"]))
      .digest("hex");
    return join(this.cache, `forms-${key.slice(0, 16)}.json`);
  }

  async #make(
    prompt: string,
    targets: readonly Target[],
    names: () => Promise<readonly Labelled[]>,
    run: Run,
  ): Promise<MeasuredForms[] | undefined> {
    const known = await this.kept(prompt, targets);
    if (known) return known;
    const all = await names();
    const measured: MeasuredForms[] = [];
    for (const target of targets) {
      const having = all.filter(({ label }) => label === target.label);
      if (having.length === 0) return undefined;
      measured.push(await measure(this.model, prompt, target, having, run));
    }
    // Where they cannot be kept, they are measured again the next time.
    const place = this.#fileOf(prompt, targets);
    await makeFolder(dirname(place))
      .then(() => writeAtomically(place, [Buffer.from(JSON.stringify({ prompt, targets: measured }, null, 1))]))
      .catch(() => noteUnkept(this.cache));
    return measured;
  }
}

async function measure(
  model: Model,
  prompt: string,
  target: Target,
  names: readonly Labelled[],
  run: Run,
): Promise<MeasuredForms> {
  const sample = new Random(sampleSeed, "sample of names").shuffled(names).slice(0, namesALabel);
  const forms = formsOf(target);
  const questions = sample.map(({ name }) => ({ prompt: fill(prompt, name) }));
  // To a tokenizer that knows no capitals two forms may be one.
  const tokens = forms.map((form) => model.tokenizer.continuation(form).join());
  const distinct = forms.filter((_, i) => tokens.indexOf(tokens[i] as string) === i);
  const each = distinct.map((text) => ({ label: text, text }));
  // Much begins with the first token of a long form that is never written.
  const outcomes = await ask(model, questions, each, { maxTokens: 0, whole: true }, run);
  return {
    label: target.label,
    names: sample.length,
    forms: forms.map((text) => ({
      text,
      probability: mean(outcomes.map(({ probability }) => probability[text] ?? 0)),
    })),
  };
}

function sameForms(measured: readonly MeasuredForms[], targets: readonly Target[]): boolean {
  const written = ({ label }: { label: string }, forms: readonly string[]) => [label, ...forms];
  const a = measured.map((one) =>
    written(
      one,
      one.forms.map(({ text }) => text),
    ),
  );
  const b = targets.map((target) => written(target, formsOf(target)));
  return JSON.stringify(a) === JSON.stringify(b);
}
