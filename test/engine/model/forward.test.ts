/** Forward parity with transformers: the same next-token probabilities and greedy tokens from every file format. */
import { describe, expect, it } from "vitest";
import { generate } from "../../../src/engine/model/generate.ts";
import { logProbabilities } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { families, fixturePath, readFixture } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

interface Top {
  id: number;
  logProb: number;
}
interface Prompt {
  text: string;
  ids: number[];
  top: Top[];
  topTokens: Top[];
  greedy: { ids: number[]; text: string };
}
interface Forward {
  checkpoints: { checkpoint: string; prompts: Prompt[] }[];
}
const { checkpoints } = readFixture<Forward>("forward.json");
for (const name of families) {
  const { checkpoint, forward } = readFixture<{ checkpoint: string; forward: Prompt[] }>(name);
  checkpoints.push({ checkpoint, prompts: forward });
}

const holdings = [
  { policy: "hold" },
  { policy: "fold" },
  { policy: "stream" },
  { policy: "resident" },
  { policy: "stream", tileElements: 2000 },
] as const;
for (const holding of holdings) {
  describe(`weights held by ${JSON.stringify(holding)}`, () => {
    for (const { checkpoint, prompts } of checkpoints) {
      it(`${checkpoint} gives transformers' probabilities and greedy tokens`, async () => {
        const model = await Model.open(fixturePath("checkpoints", checkpoint), holding);
        const tolerance = checkpoint.includes("fp32") ? 1e-3 : 5e-3;
        for (const { text, ids, top, topTokens, greedy } of prompts) {
          expect(model.tokenizer.encode(text)).toEqual(ids);
          const { tokens, firstLogits } = await generate(model, [ids], { maxTokens: greedy.ids.length }, quietRun());
          const logProbs = logProbabilities(firstLogits[0] as Float32Array);
          for (const { id, logProb } of [...top, ...topTokens])
            expect(Math.abs((logProbs[id] as number) - logProb)).toBeLessThan(tolerance);
          const order = [...logProbs.keys()].sort((a, b) => (logProbs[b] as number) - (logProbs[a] as number));
          expect(order.slice(0, top.length)).toEqual(top.map(({ id }) => id));
          expect(tokens[0]).toEqual(greedy.ids);
          expect(model.tokenizer.decode(tokens[0] as number[])).toBe(greedy.text);
        }
      });
    }
  });
}

it("a batch of prompts of different lengths gives each row what it gives alone", async () => {
  const model = await Model.open(fixturePath("checkpoints", "odd-fp32"));
  const { prompts } = checkpoints.find(({ checkpoint }) => checkpoint === "odd-fp32")!;
  const together = await generate(
    model,
    prompts.map(({ ids }) => ids),
    { maxTokens: 12 },
    quietRun(),
  );
  expect(together.tokens).toEqual(prompts.map(({ greedy }) => greedy.ids));
});
