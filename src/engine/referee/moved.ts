import { throwIfCancelled } from "../../protocol/errors.ts";
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
/** Pushes whose names run as one batch. */
const pushesPerRun = 8;
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
  like: Stretched,
  run: Run,
): Promise<number[]> {
  const [before = []] = await logitsWith(scene, [undefined], run);
  const moved = async (all: readonly Stretched[]) =>
    (await logitsWith(scene, all, run)).map((after) =>
      mean(before.map((logits, row) => changeOf(logits, after[row] as Float32Array))),
    );
  const [wanted = 0] = await moved([like]);
  const most = mostTimes * like.length;
  let stretched = pushes.map((push) => ({ push, length: like.length }));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const now = await moved(stretched);
    stretched = stretched.map(({ push, length }, i) => {
      const part = wanted / (now[i] as number);
      return { push, length: now[i] === 0 ? most : Math.min(most, length * Math.min(mostTimes, part)) };
    });
  }
  return stretched.map(({ length }) => length);
}

/** How many prompts that reads for each push. */
export const askedToMove = names * attempts;

interface Stretched {
  readonly push: Push;
  readonly length: number;
}

/** Logits [V] after each name, for each push; without one: as the model is. */
async function logitsWith(scene: Scene, all: readonly (Stretched | undefined)[], run: Run): Promise<Float32Array[][]> {
  const { rome, concept, names: listed } = scene.subjects;
  const asked = scene.taking.slice(0, names);
  const { tokenizer } = rome.model;
  const found: Float32Array[][] = [];
  for (let start = 0; start < all.length; start += pushesPerRun) {
    throwIfCancelled(run.signal);
    const part = all.slice(start, start + pushesPerRun);
    const questions = part.flatMap((stretched) =>
      asked.map((i) => {
        const prompt = fill(concept.prompt, listed[i] as string);
        if (!stretched) return { prompt };
        return { prompt, edits: [scene.subjects.editOf(i, stretched.push.plus, stretched.length)] };
      }),
    );
    const rows = questions.map(({ prompt }) => tokenizer.encode(prompt));
    const adapters = adaptersOf(tokenizer, questions);
    const { firstLogits } = await generate(rome.model, rows, { maxTokens: 0, adapters }, run);
    found.push(...part.map((_, i) => firstLogits.slice(i * asked.length, (i + 1) * asked.length)));
  }
  return found;
}

/** Root mean square of a change, its mean taken off. */
function changeOf(before: Float32Array, after: Float32Array): number {
  const change = (id: number) => (after[id] as number) - (before[id] as number);
  let sum = 0;
  for (let id = 0; id < before.length; id++) sum += change(id);
  const centre = sum / before.length;
  let squares = 0;
  for (let id = 0; id < before.length; id++) squares += (change(id) - centre) ** 2;
  return Math.sqrt(squares / before.length);
}
