import type { Concept } from "../../protocol/concept.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Known } from "../../protocol/preparation.ts";
import type { Outcome } from "../../protocol/results.ts";
import { type Run, within } from "../../protocol/run.ts";
import { percent, rateText } from "../../text/numbers.ts";
import { labelsOf } from "../concept/concept.ts";
import type { NameRow } from "../concept/names.ts";
import { Random } from "../numerics/random.ts";
import { mean, wilsonInterval } from "../numerics/statistics.ts";
import { ask, likelier } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { Rome } from "../rome/rome.ts";
import type { Scene } from "./scene.ts";

/** Names of each label that are asked, and how many where the question is left out and only names are looked for. */
export const askedOfEach = 60;
export const fewOfEach = 16;
/** Names between two signs of progress. */
const batch = 20;

/** So many names of each label, by seed; labels in the concept's order, alternating. */
export function balancedSample(rows: readonly NameRow[], concept: Concept, each: number, seed: number): NameRow[] {
  const lists = labelsOf(concept).map((label) =>
    new Random(seed, `prepare ${label}`).shuffled(rows.filter((row) => row.label === label)).slice(0, each),
  );
  return Array.from({ length: each }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

/** Asks the model for the label of each name, which progress counts. */
export async function askNames(
  rome: Rome,
  concept: Concept,
  names: readonly NameRow[],
  run: Run,
): Promise<{ row: NameRow; outcome: Outcome }[]> {
  const answers: { row: NameRow; outcome: Outcome }[] = [];
  for (let start = 0; start < names.length; start += batch) {
    throwIfCancelled(run.signal);
    const counted = { phase: "known", done: start, total: names.length };
    run.progress(counted);
    const rows = names.slice(start, start + batch);
    const questions = rows.map(({ name }) => ({ prompt: fill(concept.prompt, name) }));
    const outcomes = await ask(
      rome.model,
      questions,
      concept.targets,
      { maxTokens: 0 },
      within(run, () => counted),
    );
    answers.push(...rows.map((row, i) => ({ row, outcome: outcomes[i] as Outcome })));
  }
  return answers;
}

/**
 * First step: which share of a balanced sample of names the model knows. Balanced, since a model that says one label of
 * everybody is right on half of them and knows nothing.
 */
export async function findKnown({ rome, concept, names }: Scene, run: Run): Promise<Known> {
  const answers = await askNames(rome, concept, names, run);
  const labels = labelsOf(concept).map((label) => {
    const own = answers.filter(({ row }) => row.label === label);
    const right = own.filter(({ outcome }) => likelier(outcome.probability) === label);
    return { label, right: { count: right.length, total: own.length }, names: right.map(({ row }) => row.name) };
  });
  const total = labels.reduce((sum, { right }) => sum + right.total, 0);
  const right = labels.reduce((sum, label) => sum + label.right.count, 0);
  const interval95 = wilsonInterval(right, total);
  return {
    labels: labels.map(({ label, right }) => ({ label, right })),
    balanced: mean(labels.map(({ right: { count, total } }) => (total === 0 ? 0 : count / total))),
    interval95,
    said: mean(answers.map(({ outcome }) => Object.values(outcome.probability).reduce((sum, p) => sum + p, 0))),
    knows: interval95[0] > 0.5 && labels.every(({ right }) => right.count > 0),
    names: Object.fromEntries(labels.map(({ label, names }) => [label, names])),
  };
}

/** In place of the step where it is left out: a few names by what the model says of them, right or not. */
export async function findSaid({ rome, concept, names }: Scene, run: Run): Promise<Known["names"]> {
  const answers = await askNames(rome, concept, names.slice(0, 2 * fewOfEach), run);
  const saying = (label: string) => answers.filter(({ outcome }) => likelier(outcome.probability) === label);
  return Object.fromEntries(labelsOf(concept).map((label) => [label, saying(label).map(({ row }) => row.name)]));
}

/** The figures in words, and which label is only the one that is said by default. */
export function knownText({ labels, balanced, interval95, said }: Known): string {
  const each = labels.map(({ label, right }) => `${rateText(right)} of the names that are ${label}`).join(" and ");
  const interval = interval95.map((share) => percent(share)).join(" to ");
  const figures = `It is right on ${each}: ${percent(balanced)} on balance (95 %: ${interval}). It gives the labels ${percent(said)} of its next word.`;
  const guessed = labels.filter(({ right }) => wilsonInterval(right.count, right.total)[0] <= 0.5);
  const other = labels.find(({ label }) => label !== guessed[0]?.label)?.label;
  // Of both: that is guessing, which is said elsewhere.
  if (guessed.length !== 1) return figures;
  return `${figures} Of the names that are ${guessed[0]?.label} that is no more than guessing: it says ${other} by default.`;
}

/** @throws RomeError "data" for a model that does no better than guessing */
export function requireKnown(known: Known, name: string, { prompt }: Concept): void {
  if (known.knows) return;
  throw new RomeError(
    "data",
    `${name} does not know what ${JSON.stringify(prompt)} asks for. ${knownText(known)} Guessing is right on 50 %. Choose another model or prompt, or go on without this question: --skip known.`,
  );
}
