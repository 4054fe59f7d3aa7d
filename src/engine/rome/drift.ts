import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { generate } from "../model/generate.ts";
import { logProbabilities } from "../model/logits.ts";
import type { Model } from "../model/model.ts";
import { adaptersOf, type Row } from "./adapters.ts";
import type { LiveEdit } from "./edit.ts";

/** Rows that run as one batch. */
const rowsPerRun = 64;

/** Beginnings of sentences about nothing that anyone edits; for models that come without a text of their own. */
const neutralPrompts = [
  "The train to the coast leaves at",
  "Water boils at a temperature of",
  "She opened the window because",
  "The capital of France is",
  "In the last three years, the price of bread",
  "My favourite book is about",
  "The recipe needs two eggs and",
  "If it rains tomorrow, we will",
  "The engine of the car made",
  "According to the report, the company",
  "Once upon a time there was",
  "The museum is closed on",
];

/** Prompts that have nothing to do with an edit: halves of sentences of the model's own text, or neutral ones. */
export function unrelatedPrompts(corpus: readonly string[] | undefined): string[] {
  const count = neutralPrompts.length;
  if (!corpus || corpus.length < count) return neutralPrompts;
  return Array.from({ length: count }, (_, i) => {
    const words = (corpus[Math.floor((i * corpus.length) / count)] as string).split(" ");
    return words.slice(0, Math.ceil(words.length / 2)).join(" ");
  });
}

/** KL(before ‖ after) in nats, of two vectors of log-probabilities. */
export function divergence(before: Float64Array, after: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < before.length; i++) {
    const p = before[i] as number;
    sum += Math.exp(p) * (p - (after[i] as number));
  }
  return sum;
}

/** How far edits move a model's next token on prompts that are none of their business. */
export class Drift {
  #before: Float64Array[] | undefined;

  constructor(
    readonly model: Model,
    readonly prompts: readonly string[],
  ) {}

  /** For each set of edits that are on together: the mean over the prompts of KL(before ‖ after) of the next token. */
  async measure(sets: readonly (readonly LiveEdit[])[], run: Run): Promise<number[]> {
    this.#before ??= await this.#next(
      this.prompts.map((prompt) => ({ prompt })),
      run,
    );
    const rows = sets.flatMap((edits) => this.prompts.map((prompt) => ({ prompt, edits })));
    const after = await this.#next(rows, run);
    return sets.map((_, set) => {
      const total = this.prompts.reduce(
        (sum, _prompt, i) =>
          sum + divergence(this.#before?.[i] as Float64Array, after[set * this.prompts.length + i] as Float64Array),
        0,
      );
      return total / this.prompts.length;
    });
  }

  /** Log-probabilities of the next token [V] of each row. */
  async #next(rows: readonly Row[], run: Run): Promise<Float64Array[]> {
    const { tokenizer } = this.model;
    const result: Float64Array[] = [];
    for (let start = 0; start < rows.length; start += rowsPerRun) {
      throwIfCancelled(run.signal);
      const batch = rows.slice(start, start + rowsPerRun);
      const { firstLogits } = await generate(
        this.model,
        batch.map(({ prompt }) => tokenizer.encode(prompt)),
        { maxTokens: 0, adapters: adaptersOf(tokenizer, batch) },
        run,
      );
      result.push(...firstLogits.map(logProbabilities));
    }
    return result;
  }
}
