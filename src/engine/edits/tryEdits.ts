import type { Proof } from "../../protocol/editEntry.ts";
import type { Run } from "../../protocol/run.ts";
import { ask } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { Rome } from "../rome/rome.ts";
import type { EditSet } from "./editSet.ts";
import { proveUntouched, sealOf } from "./untouched.ts";

/** What a model says to a prompt without edits, with all of a set, and once they are off again. */
export interface Trial {
  readonly prompt: string;
  /** The text whose first token's probability the proof gives. */
  readonly target: string;
  readonly completions: { readonly before: string; readonly with: string; readonly removed: string };
  readonly proof: Proof;
}

/**
 * Puts all edits of a set on the model together and takes them off again.
 *
 * @param prompts whole prompts; none: the prompt of each edit
 */
export async function tryEdits(
  rome: Rome,
  { edits }: EditSet,
  prompts: readonly string[],
  { maxTokens }: { readonly maxTokens: number },
  run: Run,
): Promise<Trial[]> {
  // Before anything runs: a hash taken afterwards would prove nothing.
  const layers = [...new Set(edits.map(({ entry }) => entry.layer))];
  for (const layer of layers) await sealOf(rome.model, layer, run);
  const live = edits.map(({ entry, u, r }) => ({ layer: entry.layer, u, r }));
  const first = edits[0]?.entry.target ?? "";
  const asked =
    prompts.length > 0
      ? prompts.map((prompt) => ({ prompt, target: first }))
      : edits.map(({ entry }) => ({ prompt: fill(entry.template, entry.subject), target: entry.target }));
  const targets = [...new Set(asked.map(({ target }) => target))].map((text) => ({ label: text, text }));
  const say = (on: boolean) =>
    ask(
      rome.model,
      asked.map(({ prompt }) => ({ prompt, edits: on ? live : [] })),
      targets,
      { maxTokens },
      run,
    );
  const [before, changed, removed] = [await say(false), await say(true), await say(false)];
  const probability = (outcomes: typeof before, i: number) =>
    outcomes[i]?.probability[asked[i]?.target as string] as number;
  const probabilities = asked.map((_, i) => ({
    before: probability(before, i),
    with: probability(changed, i),
    removed: probability(removed, i),
  }));
  const proofs = await Promise.all(layers.map((layer) => proveUntouched(rome.model, layer, probabilities, run)));
  return asked.map((question, i) => ({
    ...question,
    completions: {
      before: before[i]?.completion ?? "",
      with: changed[i]?.completion ?? "",
      removed: removed[i]?.completion ?? "",
    },
    // One a layer; the one that fails, if one does.
    proof: (proofs.find((ofLayer) => !ofLayer[i]?.untouched) ?? proofs[0])?.[i] as Proof,
  }));
}
