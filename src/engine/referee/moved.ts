import type { Run } from "../../protocol/run.ts";
import { generate } from "../model/generate.ts";
import { mean } from "../numerics/statistics.ts";
import { adaptersOf } from "../rome/adapters.ts";
import { fill } from "../rome/prompt.ts";
import type { Push, Scene } from "./scene.ts";

/** Names over which the movement is averaged. */
const names = 8;
/** How much longer than it is a push may be made to move the logits as far. */
const mostTimes = 8;

/**
 * How far a push moves what the model says: root mean square over the vocabulary of the change of the next token's
 * logits, their mean taken off (which no probability sees), mean over some names.
 */
async function moved(scene: Scene, { plus }: Push, length: number, run: Run): Promise<number> {
  const { rome, concept, names: all } = scene.subjects;
  const some = scene.taking.slice(0, names);
  const { model } = rome;
  const logitsOf = async (edited: boolean) => {
    const questions = some.map((i) => {
      const prompt = fill(concept.prompt, all[i] as string);
      return edited ? { prompt, edits: [scene.subjects.editOf(i, plus, length)] } : { prompt };
    });
    const rows = questions.map(({ prompt }) => model.tokenizer.encode(prompt));
    const adapters = adaptersOf(model.tokenizer, questions);
    return (await generate(model, rows, { maxTokens: 0, adapters }, run)).firstLogits;
  };
  const [before, after] = [await logitsOf(false), await logitsOf(true)];
  return mean(
    before.map((logits, row) => {
      const change = Float64Array.from(logits, (logit, id) => (after[row]?.[id] ?? 0) - logit);
      const centre = change.reduce((sum, x) => sum + x, 0) / change.length;
      return Math.sqrt(change.reduce((sum, x) => sum + (x - centre) ** 2, 0) / change.length);
    }),
  );
}

/** The length at which a push moves the logits as far as another one does; at most eight times that one's. */
export async function lengthThatMoves(
  scene: Scene,
  push: Push,
  like: { readonly push: Push; readonly length: number },
  run: Run,
): Promise<number> {
  const wanted = await moved(scene, like.push, like.length, run);
  const most = mostTimes * like.length;
  let length = like.length;
  for (let attempt = 0; attempt < 3; attempt++) {
    const now = await moved(scene, push, length, run);
    if (now === 0) return most;
    length = Math.min(most, length * Math.min(mostTimes, wanted / now));
  }
  return length;
}
