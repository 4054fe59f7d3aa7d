import type { Run } from "../../protocol/run.ts";
import { generate } from "../model/generate.ts";
import { deviation, mean } from "../numerics/statistics.ts";
import { adaptersOf } from "../rome/adapters.ts";
import { fill } from "../rome/prompt.ts";
import type { Push, Scene } from "./scene.ts";

/** Names over which the movement is averaged. */
const names = 8;
/** How much longer than it is a push may be made to move the logits as far. */
const mostTimes = 8;
/** The change is not proportional to the length, so it is corrected more than once. */
const attempts = 3;

/**
 * The lengths at which pushes move what the model says as far as another one does; at most eight times that one's. How
 * far: root mean square over the vocabulary of the change of the next token's logits, their mean taken off (which no
 * probability sees), mean over some names.
 */
export async function lengthsThatMove(
  scene: Scene,
  pushes: readonly Push[],
  like: { readonly push: Push; readonly length: number },
  run: Run,
): Promise<number[]> {
  const before = await logitsWith(scene, undefined, 0, run);
  const moved = async (push: Push, length: number) => {
    const after = await logitsWith(scene, push, length, run);
    return mean(before.map((logits, row) => changeOf(logits, after[row] as ArrayLike<number>)));
  };
  const wanted = await moved(like.push, like.length);
  const most = mostTimes * like.length;
  const lengths: number[] = [];
  for (const push of pushes) {
    let length = like.length;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const now = await moved(push, length);
      length = now === 0 ? most : Math.min(most, length * Math.min(mostTimes, wanted / now));
    }
    lengths.push(length);
  }
  return lengths;
}

/** How many prompts that reads for each push. */
export const askedToMove = names * attempts;

async function logitsWith(scene: Scene, push: Push | undefined, length: number, run: Run) {
  const { rome, concept, names: all } = scene.subjects;
  const questions = scene.taking.slice(0, names).map((i) => {
    const prompt = fill(concept.prompt, all[i] as string);
    return push ? { prompt, edits: [scene.subjects.editOf(i, push.plus, length)] } : { prompt };
  });
  const { tokenizer } = rome.model;
  const rows = questions.map(({ prompt }) => tokenizer.encode(prompt));
  const adapters = adaptersOf(tokenizer, questions);
  return (await generate(rome.model, rows, { maxTokens: 0, adapters }, run)).firstLogits;
}

/** Root mean square of a change, its mean taken off. */
function changeOf(before: ArrayLike<number>, after: ArrayLike<number>): number {
  return deviation(Array.from(before, (logit, id) => (after[id] as number) - logit));
}
