import { begun, type Concept, formsOf } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import type { MeasuredForms } from "../rome/formStore.ts";
import type { Engine } from "./engine.ts";
import { namesOf } from "./request.ts";

/** By label a written form. */
export type Forms = Readonly<Record<string, string>>;

/**
 * A concept whose texts are what edits of the open model aim at: of each label the form that was asked for, else the one
 * that the model writes most after the prompt, measured on the concept's names. A label of one form, or without names to
 * measure on, keeps its text. The other forms stay beside it.
 *
 * @param measuring false: nothing is measured now, and only what was measured before counts
 * @throws RomeError "input" for a form of a label that the concept has not, or of the other label; "cancelled"
 */
export async function aimed(
  engine: Engine,
  concept: Concept,
  wanted: Forms = {},
  run: Run,
  { measuring = true }: { readonly measuring?: boolean } = {},
): Promise<Concept> {
  const labels = labelsOf(concept);
  const unknown = Object.keys(wanted).find((label) => !labels.includes(label));
  if (unknown !== undefined)
    throw new RomeError(
      "input",
      `There is no label ${JSON.stringify(unknown)} to aim at. The labels are ${labels.join(" and ")}.`,
    );
  const open = concept.targets.some((target) => wanted[target.label] === undefined && formsOf(target).length > 1);
  const kept = async () => (await engine.open()).rome.forms.kept(concept.prompt, concept.targets);
  const measured = !open ? undefined : measuring ? await measuredForms(engine, concept, run) : await kept();
  const aim = (target: Concept["targets"][number]) => {
    const forms = formsOf(target);
    const asked = wanted[target.label];
    const text =
      asked === undefined
        ? (mostWritten(measured, target.label) ?? target.text)
        : (forms.find((form) => form.trim() === asked.trim()) ?? asked);
    const others = forms.filter((form) => form !== text);
    return { ...target, text, ...(others.length > 0 && { forms: others }) };
  };
  const [first, second] = concept.targets;
  const targets: Concept["targets"] = [aim(first), aim(second)];
  const shared = formsOf(targets[0]).find((form) => formsOf(targets[1]).includes(form));
  if (shared !== undefined)
    throw new RomeError("input", `${JSON.stringify(shared)} is a form of both labels. Aim at another one.`);
  const [short, long] = (begun(targets) ?? []).map((form) => JSON.stringify(form));
  if (short !== undefined)
    throw new RomeError("input", `${short} begins ${long}, a form of the other label. Aim at another one.`);
  return { ...concept, targets };
}

/** How likely the open model writes each form of a concept's labels; undefined where there are no names to ask for. */
export async function measuredForms(engine: Engine, concept: Concept, run: Run): Promise<MeasuredForms[] | undefined> {
  const { rome } = await engine.open();
  // A flip needs no names file: where there is none that can be read, the usual forms have to do.
  const all = () =>
    namesOf(engine, concept, 0).then(
      ({ recorded }) => recorded,
      () => [],
    );
  return rome.forms.of(concept.prompt, concept.targets, all, run);
}

/** The likeliest form of a label, the earlier of two alike. */
function mostWritten(measured: readonly MeasuredForms[] | undefined, label: string): string | undefined {
  const forms = measured?.find((one) => one.label === label)?.forms;
  return forms?.reduce((best, form) => (form.probability > best.probability ? form : best)).text;
}
