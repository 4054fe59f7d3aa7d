import { expect, it } from "vitest";
import { flipText } from "../../src/cli/format.ts";
import type { FlipView } from "../../src/protocol/results.ts";
import { flipResult } from "../support/flipResult.ts";

const solveOf = (change: Partial<FlipView>) =>
  flipText(flipResult("Ben", { deltaNorm: 20, valueNorm: 10, clamp: 4, ...change }).view)
    .split("\n")
    .filter((line) => line.startsWith("  solve"));

it("a flip says where its solve ran out of steps, and where Δv is as long as it may be", () => {
  expect(solveOf({})).toEqual([]);
  expect(solveOf({ converged: false })).toEqual(["  solve   the loss did not converge within 25 steps"]);
  expect(solveOf({ deltaNorm: 39.9999 })).toEqual(["  solve   ‖Δv‖ is at its clamp, 4 ‖v‖"]);
  expect(solveOf({ converged: false, deltaNorm: 40 })).toEqual([
    "  solve   the loss did not converge within 25 steps; ‖Δv‖ is at its clamp, 4 ‖v‖",
  ]);
  expect(solveOf({ clamp: undefined, deltaNorm: 40 })).toEqual([]);
});
