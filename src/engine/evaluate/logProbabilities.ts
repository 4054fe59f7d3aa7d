import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { padLeft } from "../model/generate.ts";
import type { Model } from "../model/model.ts";
import { mean } from "../numerics/statistics.ts";
import { adaptersOf, type Row } from "../rome/adapters.ts";
import type { LiveEdit } from "../rome/edit.ts";

/** A text whose last tokens, from number `from` on, are judged, with the edits that are on. */
interface Judged extends Row {
  readonly tokens: readonly number[];
  readonly from: number;
}

const rowsPerRun = 32;

/** log p of each judged token, given all before it. */
async function tokenLogProbabilities(model: Model, texts: readonly Judged[], run: Run): Promise<number[][]> {
  const { layers } = model.size;
  const found: number[][] = [];
  for (let start = 0; start < texts.length; start += rowsPerRun) {
    throwIfCancelled(run.signal);
    const batch = texts.slice(start, start + rowsPerRun);
    const n = Math.max(...batch.map(({ tokens }) => tokens.length));
    const select = batch.flatMap(({ tokens, from }, row) =>
      tokens.slice(from).map((_, i) => row * n + n - tokens.length + from + i - 1),
    );
    const adapters = adaptersOf(model.tokenizer, batch);
    const padded = padLeft(
      batch.map(({ tokens }) => tokens),
      n,
    );
    const told = [...new Set(batch.flatMap(({ tokens, from }) => tokens.slice(from)))];
    const columns = new Map(told.map((id, column) => [id, column]));
    const inputs = { tokens: padded, select, told, adapters };
    const { logProb } = await model.forward({ to: layers - 1, logits: true, told: true }, inputs, run);
    let row = 0;
    for (const { tokens, from } of batch)
      found.push(tokens.slice(from).map((id) => logProb[row++ * told.length + (columns.get(id) as number)] as number));
  }
  return found;
}

/** Mean log-probability of each target's tokens after its prompt: what CounterFact compares. */
export async function targetLogProbabilities(
  model: Model,
  asked: readonly { readonly prompt: string; readonly target: string; readonly edits?: readonly LiveEdit[] }[],
  run: Run,
): Promise<number[]> {
  const texts = asked.map(({ prompt, target, edits }) => {
    const before = model.tokenizer.encode(prompt);
    return { prompt, tokens: [...before, ...model.tokenizer.continuation(target)], from: before.length, edits };
  });
  return (await tokenLogProbabilities(model, texts, run)).map(mean);
}

/** For each set of edits that are on together: exp of the mean −log p over all tokens but each text's first. */
export async function perplexities(
  model: Model,
  texts: readonly string[],
  sets: readonly (readonly LiveEdit[])[],
  run: Run,
): Promise<number[]> {
  const judged = sets.flatMap((edits) =>
    texts.map((text) => ({ prompt: text, tokens: model.tokenizer.encode(text), from: 1, edits })),
  );
  const found = await tokenLogProbabilities(model, judged, run);
  return sets.map((_, i) => Math.exp(-mean(found.slice(i * texts.length, (i + 1) * texts.length).flat())));
}
