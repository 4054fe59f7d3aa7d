/** Drafted tokens: the same text in fewer passes. */
import { expect, it, vi } from "vitest";
import { draft, Reach } from "../../../src/engine/model/draft.ts";
import { type GenerateOptions, generate } from "../../../src/engine/model/generate.ts";
import { argmax } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { Session } from "../../../src/engine/model/session.ts";
import { embeddedPath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

it("drafts what followed the longest like end, the latest first, else what stands at the same place", () => {
  expect(draft([1, 2, 3, 9, 2, 3], [], 2)).toEqual([9, 2]);
  expect(draft([1, 2, 3, 4, 3, 5, 3], [], 1)).toEqual([5]);
  // Three alike beside it go before two of its own.
  expect(draft([7, 8, 0, 6, 7, 8], [6, 7, 8, 5, 4], 9)).toEqual([5, 4]);
  expect(draft([1, 2, 30], [1, 2, 3, 4, 5], 9)).toEqual([4, 5]);
  expect(draft([1, 2, 3], [], 9)).toEqual([]);
  expect(draft([1, 1], [1, 1, 1], 0)).toEqual([]);
  // A text that repeats itself goes on to.
  expect(draft([9, 1, 2, 1, 2, 1], [], 5)).toEqual([2, 1, 2, 1, 2]);
  expect(draft([9, 4, 4], [], 3)).toEqual([4, 4, 4]);
});

const names = ["Ben", "Brittany", "Sabrina", "Maximilian", "Robin"];
const prompts = names.flatMap((name) => [`Name: ${name}. Gender:`, `${name} and ${name} are friends. ${name}`]);

async function counted(model: Model, rows: readonly number[][], options: GenerateOptions) {
  const passes = vi.spyOn(Session.prototype, "run");
  try {
    const { tokens, firstLogits } = await generate(model, rows, options, quietRun());
    return { tokens, first: firstLogits.map(argmax), passes: passes.mock.calls.length };
  } finally {
    passes.mockRestore();
  }
}

it("gives the tokens that one pass each gives, whatever it is told that the text is like", async () => {
  const model = await Model.open(embeddedPath);
  const maxTokens = 30;
  for (const prompt of prompts) {
    const ids = model.tokenizer.encode(prompt);
    // Whoever chooses for himself gets a pass a token.
    const alone = await counted(model, [ids], { maxTokens, choose: argmax });
    const itself = [...ids, ...(alone.tokens[0] as number[])];
    const wrong = itself.map((id, i) => (i % 3 === 0 ? 11 : id));
    for (const beside of [[], [itself], [wrong], [[5, 5, 5]]]) {
      const drafted = await counted(model, [ids], { maxTokens, beside });
      expect(drafted.tokens, prompt).toEqual(alone.tokens);
      expect(drafted.first).toEqual(alone.first);
      // Each near tie takes a pass of its own.
      expect(drafted.passes).toBeLessThanOrEqual(1.2 * alone.passes);
      if (beside[0] === itself) expect(drafted.passes).toBeLessThanOrEqual(Math.ceil(alone.passes / 4) + 2);
    }
  }
});

it("rows of a batch take what is theirs, each at its own pace, up to the last token asked for", async () => {
  const model = await Model.open(embeddedPath);
  const rows = prompts.slice(0, 5).map((prompt) => model.tokenizer.encode(prompt));
  for (const maxTokens of [1, 2, 7, 30]) {
    const alone = await counted(model, rows, { maxTokens, choose: argmax, stopAtEnd: false });
    const beside = rows.map((row, i) => (i % 2 === 0 ? [...row, ...(alone.tokens[i] as number[])] : []));
    const drafted = await counted(model, rows, { maxTokens, beside, stopAtEnd: false });
    expect(drafted.tokens).toEqual(alone.tokens);
    expect(drafted.tokens.map(({ length }) => length)).toEqual(rows.map(() => maxTokens));
  }
});

it("writes up to the model's last position, and not beyond", async () => {
  const model = await Model.open(embeddedPath);
  const text = model.tokenizer.encode("Name: Ben. Gender: male. ".repeat(100)).slice(0, model.size.positions - 9);
  const asked = { maxTokens: 50, stopAtEnd: false };
  const alone = await counted(model, [text], { ...asked, choose: argmax });
  const drafted = await counted(model, [text], asked);
  expect(drafted.tokens).toEqual(alone.tokens);
  expect(drafted.tokens[0]).toHaveLength(9);
});

it("drafts twice as far as the last draft held, and pauses ever longer where drafts fail", () => {
  const reach = new Reach();
  const seen = (...passes: [drafted: number, held: number][]) =>
    passes.map(([drafted, held]) => {
      reach.saw(drafted, held);
      return reach.most;
    });
  expect(reach.most).toBe(2);
  expect(seen([2, 2], [6, 6], [14, 3])).toEqual([6, 14, 8]);
  expect(seen([8, 0], [0, 0])).toEqual([0, 2]);
  expect(seen([2, 0], [0, 0], [0, 0], [0, 0])).toEqual([0, 0, 0, 2]);
  expect(seen([2, 1], [4, 0], [0, 0])).toEqual([4, 0, 2]);
  for (let i = 0; i < 9; i++) reach.saw(2, 0);
  expect(seen(...Array<[number, number]>(7).fill([0, 0]))).toEqual([0, 0, 0, 0, 0, 0, 2]);
});
