import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Steered } from "../../protocol/steer.ts";
import { generate } from "../model/generate.ts";
import { argmax, logProbabilities, overTokens } from "../model/logits.ts";
import type { Model } from "../model/model.ts";
import { adaptersOf, type Row } from "../rome/adapters.ts";

/** Logits of one run: bounds its memory. */
const logitsPerRun = 2 ** 23;

/**
 * Continues a prompt twice in one batch, as the model is and with edits and vectors on; then tells of each token of the
 * changed text how likely it is with them and without, and what would stand there without.
 *
 * Progress counts tokens, with both texts so far.
 * @throws RomeError "input" for a prompt that is too long
 */
export async function steer(
  model: Model,
  row: Row,
  { maxTokens }: { readonly maxTokens: number },
  run: Run,
): Promise<Omit<Steered, "proof">> {
  const { prompt } = row;
  const { tokenizer } = model;
  const ids = tokenizer.encode(prompt);
  const adapters = adaptersOf(tokenizer, [{ prompt }, row]);
  const told: Run = {
    signal: run.signal,
    progress: ({ detail, ...progress }) =>
      run.progress({ ...progress, total: maxTokens, detail: { ...detail, texts } }),
  };
  let texts = ["", ""];
  const onTokens = (tokens: readonly (readonly number[])[]) => {
    texts = tokens.map((row) => tokenizer.continued(row));
    const done = Math.max(...tokens.map(({ length }) => length));
    run.progress({ phase: "generate", done, total: maxTokens, detail: { texts } });
  };
  const { tokens } = await generate(model, [ids, ids], { maxTokens, adapters, onTokens }, told);
  const [before, after] = tokens as [number[], number[]];
  return {
    prompt,
    before: { completion: tokenizer.continued(before) },
    after: { completion: tokenizer.continued(after), tokens: await judge(model, row, ids, after, run) },
  };
}

/** Each token of a continuation as the model sees it with the row's edits and without, by the exact weights. */
async function judge(
  model: Model,
  row: Row,
  ids: readonly number[],
  continuation: readonly number[],
  run: Run,
): Promise<Steered["after"]["tokens"]> {
  const { tokenizer, size } = model;
  const { vocabulary, layers } = size;
  const adapters = adaptersOf(tokenizer, [{ prompt: row.prompt }, row]);
  const text = [...ids, ...continuation];
  const atOnce = Math.max(1, Math.floor(logitsPerRun / (2 * vocabulary)));
  const told: Steered["after"]["tokens"] = [];
  for (let start = 0; start < continuation.length; start += atOnce) {
    throwIfCancelled(run.signal);
    const some = continuation.slice(start, start + atOnce);
    const select = [0, 1].flatMap((side) => some.map((_, i) => side * text.length + ids.length + start + i - 1));
    const { logits } = await model.forward(
      { to: layers - 1, logits: true },
      { tokens: [text, text], select, adapters },
      run,
    );
    const at = (place: number) => logits.subarray(place * vocabulary, (place + 1) * vocabulary);
    for (const [i, id] of some.entries()) {
      const [without, changed] = [at(i), at(some.length + i)];
      told.push({
        text: tokenizer.token(id),
        probability: Math.exp(logProbabilities(changed)[id] as number),
        without: Math.exp(logProbabilities(without)[id] as number),
        instead: tokenizer.token(argmax(overTokens(without, tokenizer))),
      });
    }
  }
  return told;
}
