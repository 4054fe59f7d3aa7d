/**
 * A concept: what an edit of names, an experiment or an evaluation is about. The same plain JSON in a concept file and
 * in a request; a field that is left out has its default after validation.
 */
import * as v from "valibot";
import { refereeFields } from "./refereeWords.ts";

/** A label and the text the model is to continue with, leading space included: {label: "female", text: " female"}. */
export interface Target {
  readonly label: string;
  readonly text: string;
  /** Further written forms of the label. */
  readonly forms?: readonly string[];
}

/** Every written form of a label, the usual one first. */
export function formsOf({ text, forms = [] }: Target): string[] {
  return [text, ...forms];
}

/** A form that is the first words of a form of the other label, and that form: who writes the longer writes both. */
export function begun([a, b]: readonly [Target, Target]): readonly [string, string] | undefined {
  const pairs = formsOf(a).flatMap((one) =>
    formsOf(b).flatMap((other) => [[one, other] as const, [other, one] as const]),
  );
  return pairs.find(([short, long]) => long.startsWith(short) && /^[^\p{L}\p{N}]/u.test(long.slice(short.length)));
}

const nonEmpty = v.pipe(
  v.string("a text is needed"),
  v.check((text) => text.trim().length > 0, "is empty"),
);

const names = v.pipe(
  v.strictObject({
    /** CSV of the names to record; in a concept file relative to it. */
    file: nonEmpty,
    /** Column that holds the label. */
    column: v.optional(nonEmpty, "label"),
    /** CSV of the names to try the vector on… */
    newNames: v.optional(nonEmpty),
    /** …or the share of `file` that is kept out of the recording for that. */
    holdOut: v.optional(
      v.pipe(
        v.number("a number is needed"),
        v.gtValue(0, "lies between 0 and 1"),
        v.ltValue(1, "lies between 0 and 1"),
      ),
    ),
    /** Further labels of the files: names that are never recorded, to see whether the vector leaves them alone. */
    otherLabels: v.optional(v.array(nonEmpty), []),
  }),
  v.check(
    ({ newNames, holdOut }) => newNames === undefined || holdOut === undefined,
    "newNames and holdOut exclude each other",
  ),
);

/** A prompt with one {} where the name goes. */
const template = v.pipe(
  nonEmpty,
  v.check((text) => text.split("{}").length === 2, "holds {} exactly once, where the name goes"),
);

/** One form, or several that mean the same. */
const written = (text: v.GenericSchema<string>) =>
  v.union([
    v.pipe(
      text,
      v.transform((form) => [form]),
    ),
    v.pipe(v.array(text), v.minLength(1, "holds one form at least")),
  ]);

/** The fields, of prompts and of what the model is made to say after them. */
const fieldsOf = (prompt: v.GenericSchema<string>, text: v.GenericSchema<string>) => {
  const target = v.strictObject({
    /** The word of the names file and of the report. */
    label: nonEmpty,
    /** How it is usually written. */
    text,
    /** Further ways in which models write it (" Female", " F"). */
    forms: v.optional(v.array(text)),
  });
  return v.strictObject({
    name: nonEmpty,
    /** What the vector is called ("gender"). */
    vector: nonEmpty,
    prompt,
    /** The vector points from the first to the second. */
    targets: v.strictTuple([target, target], "two targets are needed"),
    names: v.optional(names),
    /** The edited fact in other words; `texts` says by label what the model says there, left out: the targets' own forms. */
    paraphrases: v.optional(
      v.pipe(
        v.array(v.strictObject({ template: prompt, texts: v.optional(v.record(v.string(), written(text))) })),
        v.minLength(1, "holds one at least; leave it out for the usual ones"),
      ),
    ),
    /** What else is asked of a name and of its neighbours, to see whether the edit leaves it alone. */
    facts: v.optional(v.array(v.strictObject({ fact: nonEmpty, template: prompt }))),
    /** Starts of texts about the name, for fluency and consistency. */
    generations: v.optional(v.array(prompt)),
    /** Names that must keep their label, for each edited one. */
    neighbours: v.optional(
      v.pipe(
        v.number("a number is needed"),
        v.integer("is a whole number"),
        v.minValue(1, "is 1 to 100"),
        v.maxValue(100, "is 1 to 100"),
      ),
    ),
    /** What `rome referee` asks besides; left out: paraphrases, and the prompt after other words. */
    referee: v.optional(refereeFields(prompt, text)),
  });
};
type Given = v.InferOutput<ReturnType<typeof fieldsOf>>;

/** Words before the prompt, where a concept has no paraphrases of its own. */
const unrelated = ["It rained on Monday. ", "The train leaves at six. "];
const usualFacts = [
  { fact: "location", template: "Name: {}. Location:" },
  { fact: "occupation", template: "Name: {}. Occupation:" },
];
/** CounterFact has ten. */
const usualNeighbours = 10;

function complete(given: Given) {
  const { prompt, targets } = given;
  const own = Object.fromEntries(targets.map((target) => [target.label, formsOf(target)]));
  const usual = unrelated.map((words) => ({ template: words + prompt, texts: own }));
  return {
    ...given,
    paraphrases: given.paraphrases?.map(({ template, texts = own }) => ({ template, texts })) ?? usual,
    facts: given.facts ?? usualFacts.filter(({ template }) => template !== prompt),
    generations: given.generations ?? ["{} is"],
    neighbours: given.neighbours ?? usualNeighbours,
  };
}

const conceptOf = (prompt: v.GenericSchema<string>, text: v.GenericSchema<string>) =>
  v.pipe(
    fieldsOf(prompt, text),
    v.check(({ targets: [a, b] }) => a.label !== b.label, "the two targets have the same label"),
    v.check(({ targets: [a, b] }) => a.text !== b.text, "the two targets have the same text"),
    v.check(({ targets }) => {
      const all = targets.flatMap(formsOf);
      return new Set(all).size === all.length;
    }, "the forms of the two targets are not all different"),
    v.check(
      ({ targets }) => begun(targets) === undefined,
      ({ input: { targets } }) => {
        const [short, long] = (begun(targets) ?? []).map((form) => JSON.stringify(form));
        return `the form ${short} of one target begins the form ${long} of the other`;
      },
    ),
    v.check(
      ({ targets, names }) => !targets.some(({ label }) => names?.otherLabels.includes(label)),
      "names.otherLabels repeats the label of a target",
    ),
    v.check(
      ({ targets, paraphrases = [] }) =>
        paraphrases.every(({ texts }) => !texts || targets.every(({ label }) => texts[label] !== undefined)),
      "paraphrases.texts holds a text for each of the two labels",
    ),
    v.transform(complete),
  );

/** A concept in a request. */
export const concept = conceptOf(template, nonEmpty);

/** A concept file, where a space in the wrong place is taken for a slip of the pen. */
export const conceptFile = conceptOf(
  v.pipe(
    template,
    v.check((text) => text === text.trimEnd(), "ends without a space: what the model writes begins with it"),
  ),
  v.pipe(nonEmpty, v.regex(/^ \S/u, 'starts with exactly one space, because the prompt ends without one (" female")')),
);

/** A concept with every default filled in; paths of its names files absolute once it was read from a file. */
export type Concept = v.InferOutput<typeof concept>;
/** A concept as it is written: in a file, or in a request. */
export type ConceptFields = v.InferInput<typeof concept>;

/** What a caller may want to say instead of a concept's own words. */
export interface OwnWords {
  /** Prompt with one {} where the name goes. */
  readonly template?: string;
  readonly targets?: Concept["targets"];
}

/**
 * The concept of a caller's own prompt, targets, or both: the given one where they say the same, else one that keeps
 * only its vector and, for the same labels, its names files. Whoever takes it validates it.
 */
export function inOwnWords(given: Concept, { template, targets = given.targets }: OwnWords): ConceptFields {
  const prompt = template ?? given.prompt;
  const same = (field: "label" | "text") => targets.every((target, i) => target[field] === given.targets[i]?.[field]);
  if (prompt === given.prompt && same("label") && same("text")) return given;
  const { vector, names } = given;
  return { name: "own prompt", vector, prompt, targets, ...(same("label") && { names }) };
}
