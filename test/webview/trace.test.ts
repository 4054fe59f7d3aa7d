/** The colours of a causal trace. */
import { expect, it } from "vitest";
import type { Trace } from "../../src/protocol/measurements.ts";
import { changesBesides } from "../../src/text/wordDiff.ts";
import { fullEffect, isSpared } from "../../src/webview/lab/trace/cells.ts";
import { trace } from "./measurementSnapshots.ts";

const withEffect = (effect: number): Trace => {
  const grid = { ...trace.hidden, effect: [[effect]] };
  return { ...trace, hidden: grid, mlp: grid, attention: grid };
};

it("full colour is a round number above all effects", () => {
  expect(fullEffect(withEffect(0.042))).toBe(0.25);
  expect(fullEffect(withEffect(-0.3))).toBe(0.5);
  expect(fullEffect(withEffect(0.9))).toBe(1);
});

it("noise that takes four points has spared the answer", () => {
  expect(isSpared({ clean: 0.997, corrupted: 0.957 })).toBe(true);
  expect(isSpared({ clean: 0.997, corrupted: 0.4 })).toBe(false);
});

it("what else changed is told apart from the answer", () => {
  const [before, after] = [" male. Age: 36. He likes books.", " female. Age: 69. She likes old books."];
  expect(changesBesides(before, after, ["female", "male"])).toEqual([
    { before: "36", after: "69" },
    { before: "He", after: "She" },
    { before: "", after: "old" },
  ]);
  expect(changesBesides(" male. He", " female. He", ["female", "male"])).toEqual([]);
  // Of an edit file only the new answer is known; what it took the place of is the answer, too.
  expect(changesBesides(" male. He", " female. She", ["female"])).toEqual([{ before: "He", after: "She" }]);
  expect(changesBesides(" Rome, I think", " Paris", ["Paris"])).toEqual([{ before: ", I think", after: "" }]);
  // A label that takes the place of another word further on is a change, of the other label it is the answer again.
  const [was, is] = [" 64. Location: Sydney. A male", " London. Location: London. A female"];
  expect(changesBesides(was, is, ["London", "Paris"])).toEqual([
    { before: "Sydney", after: "London" },
    { before: "male", after: "female" },
  ]);
  expect(changesBesides(" male. A male nurse", " female. A female pilot", ["female", "male"])).toEqual([
    { before: "nurse", after: "pilot" },
  ]);
});
