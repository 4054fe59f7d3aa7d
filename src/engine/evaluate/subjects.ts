import type { Concept, Target } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { Random } from "../numerics/random.ts";
import { ask, likelier } from "../rome/outcomes.ts";
import { fill, type Request } from "../rome/prompt.ts";
import type { Rome } from "../rome/rome.ts";
import type { Subject } from "./measure.ts";

/** Names of the pool that are asked in search of neighbours. */
const asked = 120;

/**
 * What the model says of each name now, and seeded neighbours from the pool that share its label; of each label also
 * names that have it.
 */
export async function chooseSubjects(
  rome: Rome,
  names: readonly string[],
  pool: readonly string[],
  concept: Concept,
  { seed }: { readonly seed: number },
  run: Run,
): Promise<{ subjects: Subject[]; byLabel: Readonly<Record<string, readonly string[]>> }> {
  if (names.length === 0) throw new RomeError("input", "There is no name to measure. Give at least one.");
  const random = new Random(seed, "neighbours");
  const others = random.shuffled(pool.filter((name) => !names.includes(name))).slice(0, asked);
  const everyone = [...names, ...others];
  const questions = everyone.map((name) => ({ prompt: fill(concept.prompt, name) }));
  const outcomes = await ask(rome.model, questions, concept.targets, { maxTokens: 0 }, run);
  const labels = outcomes.map(({ probability }) => likelier(probability));
  const [first, second] = concept.targets;
  const having = (label: string) => others.filter((_, j) => labels[names.length + j] === label);
  const subjects = names.map((name, i) => {
    const from = labels[i] as string;
    return {
      name,
      from,
      to: from === first.label ? second.label : first.label,
      neighbours: random.shuffled(having(from)).slice(0, concept.neighbours),
    };
  });
  const byLabel = Object.fromEntries(
    concept.targets.map(({ label }) => [label, having(label).slice(0, concept.neighbours)]),
  );
  return { subjects, byLabel };
}

/** The edits that turn the subjects' labels. */
export function requestsOf(subjects: readonly Subject[], { prompt, targets }: Concept): Request[] {
  return subjects.map(({ name, to }) => {
    const { text } = targets.find(({ label }) => label === to) as Target;
    return { subject: name, template: prompt, target: text };
  });
}
