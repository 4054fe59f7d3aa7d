import type { Concept } from "../../protocol/concept.ts";
import type { KeyVariant } from "../../protocol/editEntry.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { EvaluatedEdit, Evaluation, EvaluationRun } from "../../protocol/measurements.ts";
import { type Run, within } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import { mean } from "../numerics/statistics.ts";
import { norm } from "../numerics/vectors.ts";
import { type LiveEdit, makeEdit } from "../rome/edit.ts";
import { lookUp } from "../rome/lookUp.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";
import { harmonicMean, nGramEntropy, tfIdfCosine, wordsOf } from "./formulas.ts";
import { count } from "./layerRow.ts";
import { perplexities } from "./logProbabilities.ts";
import { type Measured, measure, type Subject } from "./measure.ts";
import { chooseSubjects, requestsOf } from "./subjects.ts";

export interface EvaluateOptions extends EditOptions {
  readonly keys?: readonly KeyVariant[];
  /** Scales of the concept's vector to measure too; needs `vector`, which points from the first label to the second. */
  readonly scales?: readonly number[];
  readonly vector?: Float32Array;
  readonly seed?: number;
}

/** An edit with what is said of it besides what it does. */
interface Made {
  readonly edit: LiveEdit & { readonly denominator: number };
  readonly keyNorm: number;
  readonly deltaNorm: number;
}

/** Measures edits of the names by CounterFact's names and formulas, each name with its own edit alone. */
export async function evaluate(
  rome: Rome,
  name: string,
  names: readonly string[],
  pool: readonly string[],
  concept: Concept,
  { keys = ["rome"], scales = [], vector, seed = 0, ...options }: EvaluateOptions,
  run: Run,
): Promise<Evaluation> {
  const started = performance.now();
  if (scales.length > 0 && !vector)
    throw new RomeError(
      "data",
      "There is no recorded experiment for this model yet, so there is no vector to measure.",
    );
  // Times that a name was asked so far, of all: once without an edit, once in each way of editing.
  const total = names.length * (1 + keys.length + scales.length);
  let done = 0;
  const counted = () => ({ phase: "evaluate", done, total });
  const part = within(run, counted);
  const asking: Run = {
    signal: run.signal,
    progress: (told) => {
      if (told.phase !== "measure") return part.progress(told);
      done++;
      run.progress(counted());
    },
  };
  const { subjects, byLabel } = await chooseSubjects(rome, names, pool, concept, { seed }, part);
  const { layer, contexts, covariance } = await rome.basis(options, part);
  const before = await measure(rome, subjects, concept, {}, asking);
  const drift = await rome.drift();
  const [plain = 1] = await perplexities(rome.model, drift.prompts, [[]], part);
  const references = await referenceTexts(rome, byLabel, concept, part);
  const runs: EvaluationRun[] = [];
  const add = async (what: Pick<EvaluationRun, "kind" | "key" | "scale">, made: readonly Made[]) => {
    const edits = made.map(({ edit }) => edit);
    const after = await measure(rome, subjects, concept, { edits }, asking);
    const alone = edits.map((edit) => [edit]);
    const drifts = await drift.measure(alone, part);
    const perplexed = await perplexities(rome.model, drift.prompts, alone, part);
    const each: EvaluatedEdit[] = [];
    for (const [i, subject] of subjects.entries()) {
      const edit = edits[i] as LiveEdit;
      each.push({
        ...compare(subject, before[i] as Measured, after[i] as Measured, references, concept),
        divergence: drifts[i] as number,
        perplexity: perplexed[i] as number,
        denominator: made[i]?.edit.denominator ?? 0,
        updateNorm: norm(edit.r),
        deltaNorm: made[i]?.deltaNorm ?? 0,
      });
    }
    runs.push({ ...what, ...summary(each, plain, made), ...changes(subjects, before, after, concept) });
  };

  if (keys.length > 0) {
    // Δv does not depend on the keys: solved once, written in each way.
    const results = await rome.edit(requestsOf(subjects, concept), options, part);
    for (const key of keys)
      await add(
        { kind: "edit", key, scale: null },
        results.map((result) => ({
          edit: makeEdit({ layer, ...result }, key, covariance),
          keyNorm: norm(result.bareKey),
          deltaNorm: result.deltaNorm,
        })),
      );
  }
  if (vector && scales.length > 0) {
    const untargeted = subjects.map(({ name: subject }) => ({ subject, template: concept.prompt }));
    const found = await lookUp(rome.model, untargeted, contexts, layer, part);
    const [, second] = labelsOf(concept);
    for (const scale of scales)
      await add(
        { kind: "vector", key: "rome", scale },
        found.map((keysOf, i) => {
          const sign = subjects[i]?.to === second ? 1 : -1;
          const delta = vector.map((component) => sign * scale * component);
          const edit = makeEdit({ layer, ...keysOf, value: keysOf.bareValue, delta }, "rome", covariance);
          return { edit, keyNorm: norm(keysOf.bareKey), deltaNorm: norm(delta) };
        }),
      );
  }
  return {
    model: { name, fingerprint: rome.model.checkpoint.fingerprint },
    concept: { name: concept.name, prompt: concept.prompt, labels: labelsOf(concept) },
    layer,
    seed,
    suite: {
      paraphrases: concept.paraphrases.map(({ template }) => template),
      facts: concept.facts,
      generations: concept.generations,
      unrelated: drift.prompts.length,
      neighbours: concept.neighbours,
    },
    runs,
    seconds: (performance.now() - started) / 1000,
  };
}

type References = Readonly<Record<string, readonly string[]>>;

/** By label, what the unedited model writes of names that have it: one text a name. */
async function referenceTexts(
  rome: Rome,
  byLabel: Readonly<Record<string, readonly string[]>>,
  concept: Concept,
  run: Run,
): Promise<References> {
  const writing = { ...concept, paraphrases: [], facts: [] };
  const found: Record<string, string[]> = {};
  for (const [label, names] of Object.entries(byLabel)) {
    const people = names.map((name) => ({ name, from: label, to: label, neighbours: [] }));
    const measured = await measure(rome, people, writing, {}, run);
    found[label] = measured.map(({ generations }) => generations.join(" "));
  }
  return found;
}

function compare(
  { name, from, to }: Subject,
  then: Measured,
  now: Measured,
  references: References,
  concept: Concept,
): Omit<EvaluatedEdit, "divergence" | "perplexity" | "denominator" | "updateNorm" | "deltaNorm"> {
  const bare = ({ score, magnitude }: { score: number; magnitude: number }) => ({ score, magnitude });
  const both = (part: "efficacy" | "paraphrase" | "neighbourhood") => ({
    before: bare(then[part]),
    after: bare(now[part]),
  });
  const wanted = references[to] ?? [];
  const documents = Object.values(references).flat();
  const consistency = ({ generations }: Measured) => tfIdfCosine(generations.join(" "), wanted.join(" "), documents);
  const fluency = ({ generations }: Measured) => mean(generations.map((text) => nGramEntropy(wordsOf(text))));
  return {
    name,
    from,
    to,
    efficacy: both("efficacy"),
    paraphrase: both("paraphrase"),
    neighbourhood: both("neighbourhood"),
    fluency: { before: fluency(then), after: fluency(now) },
    consistency: wanted.length > 0 ? { before: consistency(then), after: consistency(now) } : null,
    facts: concept.facts.map(({ fact }, i) => {
      const [old, fresh] = [then.facts[i]?.own ?? "", now.facts[i]?.own ?? ""];
      return { fact, before: old, after: fresh, kept: old === fresh };
    }),
    generations: concept.generations.map((template, i) => ({
      prompt: template.replace("{}", name),
      before: then.generations[i] ?? "",
      after: now.generations[i] ?? "",
    })),
  };
}

/** Means over the edits. */
function summary(each: EvaluatedEdit[], plain: number, made: readonly Made[]) {
  const side = (of: (edit: EvaluatedEdit) => { before: number; after: number }) => ({
    before: mean(each.map((edit) => of(edit).before)),
    after: mean(each.map((edit) => of(edit).after)),
  });
  const scores = (part: "efficacy" | "paraphrase" | "neighbourhood") => {
    const of = (when: "before" | "after") => ({
      score: mean(each.map((edit) => edit[part][when].score)),
      magnitude: mean(each.map((edit) => edit[part][when].magnitude)),
    });
    return { before: of("before"), after: of("after") };
  };
  const parts = {
    efficacy: scores("efficacy"),
    paraphrase: scores("paraphrase"),
    neighbourhood: scores("neighbourhood"),
  };
  const overall = (when: "before" | "after") =>
    harmonicMean([parts.efficacy, parts.paraphrase, parts.neighbourhood].map((part) => part[when].score));
  return {
    edits: each.length,
    ...parts,
    score: { before: overall("before"), after: overall("after") },
    fluency: side(({ fluency }) => fluency),
    consistency: each.every(({ consistency }) => consistency)
      ? side(({ consistency }) => consistency ?? { before: 0, after: 0 })
      : null,
    perplexity: { before: plain, after: mean(each.map((edit) => edit.perplexity)) },
    divergence: mean(each.map((edit) => edit.divergence)),
    denominator: mean(made.map(({ edit, keyNorm }) => Math.abs(edit.denominator) / keyNorm)),
    updateNorm: mean(each.map((edit) => edit.updateNorm)),
    each,
  };
}

/** Facts of the edited names and of their neighbours that stay, and the neighbours' that do not. */
function changes(
  subjects: readonly Subject[],
  before: readonly Measured[],
  after: readonly Measured[],
  concept: Concept,
): Pick<EvaluationRun, "facts" | "worst"> {
  const kept = concept.facts.map(({ fact }, f) => ({
    fact,
    own: count(subjects.map((_, i) => before[i]?.facts[f]?.own === after[i]?.facts[f]?.own)),
    neighbours: count(
      subjects.flatMap(({ neighbours }, i) =>
        neighbours.map((_, j) => before[i]?.facts[f]?.neighbours[j] === after[i]?.facts[f]?.neighbours[j]),
      ),
    ),
  }));
  const worst = concept.facts.flatMap(({ fact }, f) =>
    subjects.flatMap((subject, i) =>
      subject.neighbours.flatMap((name, j) => {
        const [old, now] = [before[i]?.facts[f]?.neighbours[j] ?? "", after[i]?.facts[f]?.neighbours[j] ?? ""];
        return old === now ? [] : [{ edited: subject.name, name, fact, before: old, after: now }];
      }),
    ),
  );
  return { facts: kept, worst: worst.slice(0, 50) };
}
