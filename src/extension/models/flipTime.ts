import type { Result } from "../../protocol/engine.ts";

/** A step of an edit: some 22 texts, of each the four tokens from the name's last one on. */
const rowsOfStep = 88;
/** At most; many edits are done after half of them. */
const steps = 20;
/** Share of the layers that lie above the edit, forwards and backwards in each step. */
const above = 0.8;
/** Tokens that are read once: the texts up to the name, and the unrelated prompts before and after. */
const read = 800;
/** Tokens of the completions before and after, written one by one. */
const written = 80;
/** What a step reaches of the product of matrices by itself: 57 % on GPT-J (docs/gpt-j.md), less where layers are narrow. */
const reached = 0.5;

/**
 * Seconds that one flip takes, about, by the arithmetic of the work and what this machine computes. Weights are float32
 * where they are computed with.
 */
export function flipSeconds(parameters: number, { operationsPerSecond, bytesPerSecond }: Result<"speed">): number {
  const rows = 2 * above * steps * rowsOfStep + read;
  return (2 * parameters * rows) / (reached * operationsPerSecond) + (written * 4 * parameters) / bytesPerSecond;
}
