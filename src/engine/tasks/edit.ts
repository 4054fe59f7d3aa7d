import type { FlipOptions } from "../../protocol/editOptions.ts";
import type { Outcome } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { editParts, type Made, makeEdits, savedOf } from "../edits/make.ts";
import { fill } from "../rome/prompt.ts";
import type { Engine } from "./engine.ts";
import { paced, planEdits } from "./pace.ts";
import { checkSubject, editOptionsOf } from "./request.ts";

export interface EditParams extends Omit<FlipOptions, "concept"> {
  /** Prompt with one {} where the subject goes. */
  readonly template: string;
  readonly subject: string;
  /** The continuation to write, with its leading space. */
  readonly target: string;
  readonly maxTokens: number;
}

/** Writes any target for any subject of any prompt; `probability` is that of the target's first token. */
export async function edit(engine: Engine, params: EditParams, run: Run) {
  const { rome } = await engine.open();
  const { template, target: text, maxTokens } = params;
  const subject = checkSubject(params.subject);
  fill(template, subject);
  const settings = { ...editOptionsOf(params), maxTokens };
  const target = { label: "target", text };
  const plan = await planEdits(rome, [{ template, subject, targets: [text] }], settings, { completions: 1 }, run);
  const questions = [{ template, subject }];
  const [made] = await makeEdits(rome, questions, [target], () => target, settings, paced(plan, run));
  const { before, after } = made as Made;
  const side = ({ completion, probability }: Outcome) => ({
    completion,
    probability: probability[target.label] as number,
  });
  const view = {
    subject,
    target: text,
    before: side(before),
    after: side(after),
    ...editParts(rome, made as Made, settings),
    health: (made as Made).entry.health,
  };
  return { view, saved: savedOf(made as Made) };
}
