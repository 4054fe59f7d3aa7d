import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "../src/engine/model/generate.ts";
import { argmax, logProbabilities } from "../src/engine/model/logits.ts";
import { Model } from "../src/engine/model/model.ts";
import { quietRun } from "../test/support/run.ts";

/** Tokens of a text that the model goes on from, and tokens it goes on with. */
const [given, continued] = [8, 24];

/**
 * Makes a model's 8-bit copy anew, and compares what both expect after each token: of the texts as they are, and of what
 * the exact weights make of their beginnings.
 */
export async function agreement(folder: string, texts: readonly string[]) {
  const storage = await mkdtemp(join(tmpdir(), "rome-8-bit-"));
  try {
    const model = await Model.open(folder, { storage });
    await model.makeEightBit(quietRun());
    const corpus = new Tally();
    const completions = new Tally();
    for (const text of texts) {
      const ids = model.tokenizer.encode(text).slice(0, model.size.positions);
      if (ids.length === 0) continue;
      await corpus.compare(model, ids, 0);
      const beginning = ids.slice(0, given);
      const { tokens } = await generate(model, [beginning], { maxTokens: continued }, quietRun());
      await completions.compare(model, [...beginning, ...(tokens[0] as number[])], beginning.length - 1);
    }
    return { corpus: corpus.result, completions: completions.result };
  } finally {
    await rm(storage, { recursive: true, force: true });
  }
}

class Tally {
  #same = 0;
  #total = 0;
  #divergence = 0;

  /** Counts the positions from `from` on. */
  async compare(model: Model, ids: readonly number[], from: number): Promise<void> {
    const { layers, vocabulary } = model.size;
    const inputs = { tokens: [ids], select: [...ids.keys()].slice(from) };
    const spec = { to: layers - 1, logits: true };
    const exact = await model.forward(spec, inputs, quietRun());
    const copy = await model.forward(spec, { ...inputs, eightBit: true }, quietRun());
    for (const i of inputs.select.keys()) {
      const logits = ({ logits }: typeof exact) => logits.subarray(i * vocabulary, (i + 1) * vocabulary);
      this.#same += argmax(logits(exact)) === argmax(logits(copy)) ? 1 : 0;
      this.#total++;
      const [p, q] = [logProbabilities(logits(exact)), logProbabilities(logits(copy))];
      this.#divergence += p.reduce((sum, x, id) => sum + Math.exp(x) * (x - (q[id] as number)), 0);
    }
  }

  get result() {
    return { same: this.#same, total: this.#total, kl: this.#divergence / this.#total };
  }
}
