/** Which label the model gives, and nothing else: for what is asked of very many prompts. */
import type { Target } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Probabilities } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { padLeft } from "../model/generate.ts";
import type { Model } from "../model/model.ts";
import { adaptersOf } from "./adapters.ts";
import { labelProbabilities, type Read, tellingTokens } from "./labelProbabilities.ts";
import type { Question } from "./outcomes.ts";

/** Rows and tokens of a batch, padding included: enough for a device to be busy, few enough to fit anywhere. */
const most = { rows: 256, tokens: 4096 };

/**
 * The probabilities of `ask`, by the model's own log softmax: of its vocabulary only the tokens that tell the targets
 * leave the device. Prompts of like length share a batch.
 *
 * @returns by label, in the order of the questions
 * @throws RomeError "input" for two targets with a form of the same tokens
 */
export async function tell(
  model: Model,
  questions: readonly Question[],
  targets: readonly Target[],
  run: Run,
): Promise<Probabilities[]> {
  const { tokenizer, size } = model;
  const telling = tellingTokens(tokenizer, targets);
  const encoded = new Map<string, number[]>();
  for (const { prompt } of questions) if (!encoded.has(prompt)) encoded.set(prompt, tokenizer.encode(prompt));
  const tokensOf = (i: number) => encoded.get(questions[i]?.prompt as string) as number[];
  const told: Probabilities[] = [];
  for (const batch of batchesOf(
    [...questions.keys()].sort((a, b) => tokensOf(a).length - tokensOf(b).length),
    tokensOf,
  )) {
    throwIfCancelled(run.signal);
    const adapters = adaptersOf(
      tokenizer,
      batch.map((i) => questions[i] as Question),
    );
    const read: Read = async (more, ids) => {
      const rows = batch.map((i) => [...tokensOf(i), ...more]);
      const n = Math.max(...rows.map(({ length }) => length));
      const select = rows.map((_, row) => row * n + n - 1);
      const inputs = { tokens: padLeft(rows, n), select, told: ids, adapters };
      const { logProb } = await model.forward({ to: size.layers - 1, logits: true, told: true }, inputs, run);
      return rows.map((_, row) => logProb.subarray(row * ids.length, (row + 1) * ids.length));
    };
    const shares = await labelProbabilities(batch.length, read, telling);
    for (const [row, i] of batch.entries())
      told[i] = Object.fromEntries(targets.map(({ label }, j) => [label, shares[row]?.[j] as number]));
  }
  return told;
}

/** Neighbours in the order that fit into a batch, whose rows are as long as its longest. */
function batchesOf(order: readonly number[], tokensOf: (i: number) => readonly number[]): number[][] {
  const batches: number[][] = [];
  for (const i of order) {
    const last = batches.at(-1);
    const rows = (last?.length ?? 0) + 1;
    if (last && rows <= most.rows && rows * tokensOf(i).length <= most.tokens) last.push(i);
    else batches.push([i]);
  }
  return batches;
}
