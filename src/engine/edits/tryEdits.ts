import type { Proof } from "../../protocol/editEntry.ts";
import type { Outcome } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { ask } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { Rome } from "../rome/rome.ts";
import { type EditSet, isAdapter, liveOf, type Saved } from "./editSet.ts";
import { proveLayersUntouched, sealOf } from "./untouched.ts";

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
  const live = edits.map(liveOf);
  const own = edits.map(questionOf);
  const first = own[0]?.target ?? "";
  const asked = prompts.length > 0 ? prompts.map((prompt) => ({ prompt, target: first })) : own;
  const targets = [...new Set(asked.map(({ target }) => target))].map((text) => ({ label: text, text }));
  const say = (on: boolean, like: readonly Outcome[] = []) =>
    ask(
      rome.model,
      asked.map(({ prompt }) => ({ prompt, edits: on ? live : [] })),
      targets,
      { maxTokens, beside: like.map(({ completion }) => completion) },
      run,
    );
  const before = await say(false);
  const [changed, removed] = [await say(true, before), await say(false, before)];
  const probability = (outcomes: typeof before, i: number) =>
    outcomes[i]?.probability[asked[i]?.target as string] as number;
  const probabilities = asked.map((_, i) => ({
    before: probability(before, i),
    with: probability(changed, i),
    removed: probability(removed, i),
  }));
  const proofs = await proveLayersUntouched(rome.model, layers, probabilities, run);
  return asked.map((question, i) => ({
    ...question,
    completions: {
      before: before[i]?.completion ?? "",
      with: changed[i]?.completion ?? "",
      removed: removed[i]?.completion ?? "",
    },
    proof: proofs[i] as Proof,
  }));
}

/** What an edit or vector was made with, and what the model says with it. */
function questionOf(saved: Saved): { prompt: string; target: string } {
  if (!isAdapter(saved)) return { prompt: fill(saved.entry.template, saved.entry.subject), target: saved.entry.target };
  const { prompt, after } = saved.entry;
  return { prompt, target: /^\s*(?:[\p{L}\p{N}]+|\S+)/u.exec(after.completion)?.[0] ?? " " };
}
