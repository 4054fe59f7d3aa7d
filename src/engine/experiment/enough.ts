/** Whether names are enough for a classifier: so many edits are needed in each direction. */
import type { Concept } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import { directionFrom } from "../edits/flip.ts";
import type { Model } from "../model/model.ts";
import { fill } from "../rome/prompt.ts";
import { tell } from "../rome/tell.ts";

/** Fewest edits in each direction: three to train and cross-validate with, one to test. */
export const fewest = 4;
/** Names that are asked about at once. */
const asked = 64;

/** @throws RomeError "input" for so few names that they cannot do, whatever the model says of them */
export function requireNames(count: number): void {
  if (count < 2 * fewest)
    throw new RomeError(
      "input",
      `An experiment needs ${2 * fewest} names at least, for ${fewest} edits in each direction, and these are ${count}. Record more names.`,
    );
}

/**
 * @param away edits from the first label to the second; `back` are the others
 * @throws RomeError "input" for too few in a direction
 */
export function requireEdits(
  { away, back, verb = "are" }: { away: number; back: number; verb?: "are" | "would be" },
  [first, second]: readonly [string, string],
): void {
  if (away < fewest || back < fewest)
    throw new RomeError(
      "input",
      `There ${verb} ${away} edits ${first}→${second} and ${back} edits ${second}→${first}; at least ${fewest} of each are needed. Record more names.`,
    );
}

/**
 * Makes sure, before any edit is solved, that there will be enough in each direction: by the labels that the model gives
 * the names, of which no more are asked than it takes.
 *
 * @throws RomeError "input"
 */
export async function requireDirections(
  model: Model,
  names: readonly { readonly name: string }[],
  concept: Concept,
  run: Run,
): Promise<void> {
  const labels = labelsOf(concept);
  let [away, back] = [0, 0];
  for (let start = 0; start < names.length && Math.min(away, back) < fewest; start += asked) {
    const questions = names.slice(start, start + asked).map(({ name }) => ({ prompt: fill(concept.prompt, name) }));
    for (const probability of await tell(model, questions, concept.targets, run))
      if (directionFrom(probability, concept.targets).from.label === labels[0]) away++;
      else back++;
  }
  requireEdits({ away, back, verb: "would be" }, labels);
}
