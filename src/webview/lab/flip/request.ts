/** The request of the Flip tab as values: what it starts from, and what the fields turn into. */
import type { Target } from "../../../protocol/editOptions.ts";
import type { Description } from "../../../protocol/engine.ts";
import type { LabRequest } from "../../../protocol/labFlip.ts";

type Model = Omit<Description, "memoryBytes">;

/** The open model's defaults, for a name. */
export function defaultRequest(model: Model, name: string): LabRequest {
  const { concept, contexts, hyperParameters } = model.defaults;
  const { prompt: template, targets } = concept;
  return {
    name,
    template,
    targets,
    layer: model.model.editLayer,
    contexts,
    hyperParameters: { ...hyperParameters },
    covariance: "auto",
    key: "rome",
    maxTokens: null,
  };
}

/** Whether two requests have the same prompt and answers. */
export function sameWords(one: LabRequest, other: LabRequest): boolean {
  const [words, others] = [one, other].map(({ template, targets }) =>
    JSON.stringify([template, targets.map(({ label, text }) => [label, text])]),
  );
  return words === others;
}

/** A target's text as the field shows it: the leading space that joins it to the prompt is not the user's business. */
export function shownTarget(target: Target): string {
  return target.text.trim();
}

/** The target a field's text stands for; it joins the prompt as the one before did. */
export function targetOf(shown: string, before: Target): Target {
  const word = shown.trim();
  if (word === shownTarget(before)) return before;
  const lead = /^\s*/.exec(before.text)?.[0] ?? "";
  return { label: word, text: lead + word };
}

/** Whether the form can be sent at all; finer checks are the host's notes. */
export function isComplete(request: LabRequest): boolean {
  return (
    request.name.trim() !== "" &&
    request.template.split("{}").length === 2 &&
    request.targets.every((target) => target.text.trim() !== "")
  );
}

/** The prompt cut around its subject: the pieces before and after {}; null without exactly one {}. */
export function promptParts(template: string): [string, string] | null {
  const [before, after, ...rest] = template.split("{}");
  return before === undefined || after === undefined || rest.length > 0 ? null : [before, after];
}
