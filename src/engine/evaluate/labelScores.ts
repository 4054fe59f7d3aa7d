import type { Run } from "../../protocol/run.ts";
import type { Model } from "../model/model.ts";
import type { LiveEdit } from "../rome/edit.ts";
import { ask } from "../rome/outcomes.ts";
import { targetLogProbabilities } from "./logProbabilities.ts";

/** A prompt, the label that is wanted there, and the one that is not. */
export interface Choice {
  readonly prompt: string;
  readonly wanted: string;
  readonly other: string;
  /** The labels' forms after this prompt. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/** log P of both labels of a choice. */
export interface Score {
  readonly wanted: number;
  readonly other: number;
}

/**
 * log P of both labels after each prompt: of labels of one form the mean over its tokens, as CounterFact compares them;
 * of others the log of the sum over their forms.
 *
 * @param edits that are on
 */
export async function labelScores(
  model: Model,
  choices: readonly Choice[],
  edits: readonly LiveEdit[],
  run: Run,
): Promise<Score[]> {
  const scores: Score[] = [];
  const words = new Map(choices.map(({ texts }) => [keyOf(texts), texts]));
  for (const [alike, texts] of words) {
    const places = [...choices.keys()].filter((place) => keyOf((choices[place] as Choice).texts) === alike);
    const asked = places.map((place) => ({ ...(choices[place] as Choice), edits }));
    const score = Object.values(texts).every((forms) => forms.length === 1) ? byMean : bySum;
    for (const [i, found] of (await score(model, asked, texts, run)).entries()) scores[places[i] as number] = found;
  }
  return scores;
}

/** The same for the same forms, in whatever order. */
function keyOf(texts: Texts): string {
  return JSON.stringify(Object.entries(texts).map(([label, forms]) => [label, [...forms].sort()]));
}

type Asked = Choice & { readonly edits: readonly LiveEdit[] };
type Texts = Choice["texts"];

async function byMean(model: Model, asked: readonly Asked[], texts: Texts, run: Run): Promise<Score[]> {
  const form = (label: string) => texts[label]?.[0] ?? "";
  const both = asked.flatMap((choice) =>
    [choice.wanted, choice.other].map((label) => ({ ...choice, target: form(label) })),
  );
  const logs = await targetLogProbabilities(model, both, run);
  return asked.map((_, i) => ({ wanted: logs[2 * i] as number, other: logs[2 * i + 1] as number }));
}

async function bySum(model: Model, asked: readonly Asked[], texts: Texts, run: Run): Promise<Score[]> {
  const targets = Object.entries(texts).map(([label, [text = "", ...forms]]) => ({ label, text, forms }));
  const outcomes = await ask(model, asked, targets, { maxTokens: 0 }, run);
  return asked.map(({ wanted, other }, i) => {
    const log = (label: string) => Math.log(outcomes[i]?.probability[label] ?? 0);
    return { wanted: log(wanted), other: log(other) };
  });
}
