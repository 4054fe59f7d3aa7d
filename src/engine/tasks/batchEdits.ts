import { resolve } from "node:path";
import type { EditEntry } from "../../protocol/editEntry.ts";
import type { FlipOptions } from "../../protocol/editOptions.ts";
import type { Run } from "../../protocol/run.ts";
import { makeBatch } from "../edits/batchSet.ts";
import { requireEditFile, writeEditFile } from "../edits/editFile.ts";
import { weightEdits } from "../edits/editSet.ts";
import { directionFrom } from "../edits/flip.ts";
import { ask } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { chooseNames, editOptionsOf, type NameChoice } from "./request.ts";

export interface BatchParams extends FlipOptions, NameChoice {
  /** λ: how much the layer's other keys count. */
  readonly weight: number;
  readonly maxTokens: number;
  /** `.romedit` file to write. */
  readonly out: string;
}

/** Flips many names by one least-squares update (MEMIT's, at one layer) and writes them as one file. */
export async function batchEdits(
  engine: Engine,
  { names, sample, weight, out, concept: given = engine.concept, ...options }: BatchParams,
  run: Run,
): Promise<readonly EditEntry[]> {
  await requireEditFile(resolve(out));
  const subjects = await chooseNames(engine, given, { names, sample });
  const { rome, name } = await engine.open();
  const { prompt: template, targets } = await aimed(engine, given, options.forms, run);
  const prompts = subjects.map((subject) => ({ prompt: fill(template, subject) }));
  const before = await ask(rome.model, prompts, targets, { maxTokens: 0 }, run);
  const requests = subjects.map((subject, i) => {
    const { to } = directionFrom(before[i]?.probability ?? {}, targets);
    return { subject, template, target: to.text };
  });
  const { maxTokens } = options;
  const set = await makeBatch(rome, name, requests, targets, { ...editOptionsOf(options), weight, maxTokens }, run);
  await writeEditFile(resolve(out), set);
  return weightEdits(set).map(({ entry }) => entry);
}
