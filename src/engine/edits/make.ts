import type { Target } from "../../protocol/concept.ts";
import type { SavedEditData } from "../../protocol/edit.ts";
import type { Proof } from "../../protocol/editEntry.ts";
import type { Outcome } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { encodeEdit, encodeVector } from "../rome/edit.ts";
import { ask } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import { type EditResult, type Rome, untried } from "../rome/rome.ts";
import { span } from "../run/timeline.ts";
import { type Examined, type ExamineOptions, examine } from "./examine.ts";
import { warningsOf } from "./health.ts";
import { sealOf } from "./untouched.ts";

/** A prompt with one {}, and who stands there. */
export interface Question {
  readonly template: string;
  readonly subject: string;
}

/** An edit as it came out: what it does, what the model said before and says with it, and how it was judged. */
export interface Made extends Examined {
  readonly prompt: string;
  readonly target: Target;
  readonly before: Outcome;
  readonly after: Outcome;
  readonly result: EditResult;
  readonly proof: Proof;
}

export interface MakeOptions extends ExamineOptions {
  /** Length of the completions; 0 for none. */
  readonly maxTokens: number;
}

/**
 * Makes an edit for each question: seals the weights, asks, edits, asks again, and examines what was made.
 *
 * @param targets the labels whose probabilities are followed; an edit writes the text of one
 * @param aim which of them an edit is to write, by what the model says before
 */
export async function makeEdits(
  rome: Rome,
  questions: readonly Question[],
  targets: readonly Target[],
  aim: (before: Outcome) => Target,
  options: MakeOptions,
  run: Run,
): Promise<Made[]> {
  const { maxTokens } = options;
  const layer = rome.parameters(options.hyperParameters).layers[0] as number;
  await span("seal the weights", () => sealOf(rome.model, layer, run));
  const prompts = questions.map(({ template, subject }) => fill(template, subject));
  const asked = { maxTokens };
  const unedited = prompts.map((prompt) => ({ prompt }));
  const before = await span("ask before", () => ask(rome.model, unedited, targets, asked, run));
  const aims = before.map(aim);
  const requests = questions.map((question, i) => ({ ...question, target: (aims[i] as Target).text }));
  const results = await span("edit", () => rome.edit(requests, options, run));
  const edited = results.map(({ edit }, i) => ({ prompt: prompts[i] as string, edits: [edit] }));
  const beside = before.map(({ completion }) => completion);
  const after = await span("ask after", () => ask(rome.model, edited, targets, { ...asked, beside }, run));
  const sides = results.map((_, i) => {
    const { label } = aims[i] as Target;
    const side = ({ completion, probability }: Outcome) => ({ completion, probability: probability[label] as number });
    return { label, before: side(before[i] as Outcome), after: side(after[i] as Outcome) };
  });
  const examined = await span("examine", () => examine(rome, results, sides, targets, options, run));
  return results.map((result, i) => ({
    ...(examined[i] as Examined),
    prompt: prompts[i] as string,
    target: aims[i] as Target,
    before: before[i] as Outcome,
    after: after[i] as Outcome,
    result,
  }));
}

/** What is told of any edit, whatever it was made for. */
export function editParts(rome: Rome, { result, entry, proof }: Made, options: ExamineOptions) {
  const { losses, edit, deltaNorm, covarianceTokens } = result;
  return {
    losses: [...losses],
    layer: edit.layer,
    deltaNorm,
    denominator: edit.denominator,
    covarianceTokens,
    warnings: [...warningsOf(entry.health), ...untried(rome, options)],
    proof,
  };
}

/** What a file keeps of an edit that was made. */
export function savedOf({ result: { edit, delta }, entry }: Made): SavedEditData {
  return { entry, edit: encodeEdit(edit), delta: encodeVector(delta) };
}
