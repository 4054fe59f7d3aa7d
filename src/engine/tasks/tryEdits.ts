import type { Run } from "../../protocol/run.ts";
import { type Trial, tryEdits as tryOut } from "../edits/tryEdits.ts";
import { readFittingSets } from "./editFiles.ts";
import type { Engine } from "./engine.ts";

export interface TryParams {
  /** `.romedit` files, put on the model together. */
  readonly files: readonly string[];
  /** Whole prompts to ask; none: the prompt of each edit. */
  readonly prompts: readonly string[];
  readonly maxTokens: number;
}

/** What the model says before, with, and after the edits of files. */
export async function tryEdits(engine: Engine, { files, prompts, maxTokens }: TryParams, run: Run): Promise<Trial[]> {
  const set = await readFittingSets(engine, files);
  return tryOut((await engine.open()).rome, set, prompts, { maxTokens }, run);
}
