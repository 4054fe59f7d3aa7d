import type { Concept } from "../../protocol/concept.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import { type Run, within } from "../../protocol/run.ts";
import { Random } from "../numerics/random.ts";
import { batchUpdate, writeInTurn } from "../rome/batchUpdate.ts";
import type { LiveEdit } from "../rome/edit.ts";
import { ask, likelier } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { EditOptions, EditResult, Rome } from "../rome/rome.ts";
import { requestsOf } from "./subjects.ts";

/**
 * Ways to have many edits of one layer in force: the rank-one updates added up as they are; written one after the
 * other, each seeing the earlier ones; or one least-squares update of all.
 */
export const ways = ["sum", "in turn", "batch"] as const;
export type Way = (typeof ways)[number];

/** What so many edits do in one way. */
export interface ManyRow {
  readonly count: number;
  readonly way: Way;
  /** Of the edited names: the model now says the new label. */
  readonly success: number;
  /** Of names nobody edited: the label is another one than before. */
  readonly damage: number;
  readonly neighbours: number;
  /** Mean KL(before ‖ after) of the next token of unrelated prompts, in nats. */
  readonly drift: number;
}

export interface ManyEdits {
  readonly model: { readonly name: string; readonly fingerprint: string };
  readonly prompt: string;
  readonly layer: number;
  readonly contexts: number;
  readonly covarianceTokens: number;
  /** λ of the batch update. */
  readonly weight: number;
  readonly rows: readonly ManyRow[];
  readonly seconds: number;
}

export interface ManyOptions extends EditOptions {
  readonly counts: readonly number[];
  readonly weight: number;
  readonly seed: number;
}

/** Names that are asked whether they kept their label. */
const neighbourCount = 200;

/**
 * Solves v* of each name on the model as it is, and measures growing numbers of these edits in each way.
 *
 * @param names to flip, in the order in which they are taken; at least as many as the largest count
 * @param pool names to take neighbours from
 */
export async function measureMany(
  rome: Rome,
  name: string,
  names: readonly string[],
  pool: readonly string[],
  concept: Concept,
  options: ManyOptions,
  run: Run,
): Promise<ManyEdits> {
  const { weight, seed } = options;
  const started = performance.now();
  const counts = [...new Set(options.counts)].sort((a, b) => a - b);
  const most = counts.at(-1) ?? 0;
  if (!(weight > 0)) throw new RomeError("input", `The weight must be above 0, not ${weight}.`);
  if (most < 1 || most > names.length)
    throw new RomeError(
      "input",
      `${names.length} ${names.length === 1 ? "name is" : "names are"} too few for ${most} edits. Name a larger file, or smaller --counts.`,
    );
  const edited = names.slice(0, most);
  const labelsOf = async (asked: readonly string[], edits: readonly LiveEdit[], told: Run) => {
    const questions = asked.map((one) => ({ prompt: fill(concept.prompt, one), edits }));
    const outcomes = await ask(rome.model, questions, concept.targets, { maxTokens: 0 }, told);
    return outcomes.map(({ probability }) => likelier(probability));
  };
  const others = new Random(seed, "neighbours").shuffled(pool.filter((other) => !edited.includes(other)));
  const neighbours = others.slice(0, neighbourCount);
  const kept = await labelsOf(neighbours, [], run);
  const from = await labelsOf(edited, [], run);
  const [first, second] = concept.targets;
  const subjects = edited.map((one, i) => ({
    name: one,
    from: from[i] as string,
    to: from[i] === first.label ? second.label : first.label,
    neighbours: [],
  }));
  const results = await rome.edit(requestsOf(subjects, concept), options, run);
  const { layer, contexts, covariance } = await rome.basis(options, run);
  const drift = await rome.drift();
  const rows: ManyRow[] = [];
  const counted = () => ({ phase: "measure", done: rows.length, total: counts.length * ways.length });
  const told = within(run, counted);
  for (const count of counts)
    for (const way of ways) {
      throwIfCancelled(run.signal);
      const part = results.slice(0, count);
      const live = together(part, way, () =>
        batchUpdate(
          part.map((result) => ({ layer, ...result })),
          covariance,
          weight,
        ),
      );
      const after = await labelsOf(edited.slice(0, count), live, told);
      const around = await labelsOf(neighbours, live, told);
      rows.push({
        count,
        way,
        success: after.filter((label, i) => label === subjects[i]?.to).length / count,
        damage: around.filter((label, i) => label !== kept[i]).length / Math.max(1, neighbours.length),
        neighbours: neighbours.length,
        drift: (await drift.measure([live], told))[0] as number,
      });
      run.progress(counted());
    }
  const { fingerprint } = rome.model.checkpoint;
  return {
    model: { name, fingerprint },
    prompt: concept.prompt,
    layer,
    contexts: contexts.length,
    covarianceTokens: covariance?.tokens ?? 0,
    weight,
    rows,
    seconds: (performance.now() - started) / 1000,
  };
}

function together(results: readonly EditResult[], way: Way, batch: () => LiveEdit[]): LiveEdit[] {
  if (way === "batch") return batch();
  if (way === "sum") return results.map(({ edit }) => edit);
  return writeInTurn(results.map(({ edit, bareKey }) => ({ edit, key: bareKey })));
}
