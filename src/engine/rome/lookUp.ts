/** Keys and values at the last token of subjects: what an edit is made of besides its δ. */
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Model } from "../model/model.ts";
import { fill, type Located, locate, type Request } from "./prompt.ts";
import { type Lowered, type Rows, runLower, type Sequence } from "./sequences.ts";

type Untargeted = Omit<Request, "target">;

/** Keys and values of a request at its lookup position, before any edit. */
export interface LookUp {
  /** v [d]: MLP output in the first context. */
  readonly value: Float32Array;
  /** k̄ [m]: mean key over the contexts. */
  readonly meanKey: Float32Array;
  /** Key [m] and value [d] of the bare prompt. */
  readonly bareKey: Float32Array;
  readonly bareValue: Float32Array;
}

/** Keys and values of requests, for an edit whose δ is given. */
export async function lookUp(
  model: Model,
  requests: readonly Untargeted[],
  contexts: readonly string[],
  layer: number,
  run: Run,
): Promise<LookUp[]> {
  const found: LookUp[] = [];
  for await (const { rows, lowered } of lookedUp(model, requests, contexts, layer, run))
    found.push(...lookUpsOf(model, lowered, rows, contexts.length));
  return found;
}

/** Sequences that are looked up together. */
const rowsPerRun = 128;

/** Requests at their lookup positions, some at a time: nothing behind them is read, nor any layer above. */
export async function* lookedUp(
  model: Model,
  requests: readonly Untargeted[],
  contexts: readonly string[],
  layer: number,
  run: Run,
) {
  const size = Math.max(1, Math.floor(rowsPerRun / (contexts.length + 1)));
  for (let start = 0; start < requests.length; start += size) {
    throwIfCancelled(run.signal);
    const sequences: Sequence[] = [];
    const rows = requests.slice(start, start + size).map((request) => {
      const at = (context: string, group: number) =>
        sequences.push(upToLookup(prompted(model, request, context), group)) - 1;
      const first = sequences.length;
      for (const [group, context] of contexts.entries()) at(context, group);
      return { first, bare: bareOf(contexts, first) ?? at("{}", contexts.length) };
    });
    yield { rows, lowered: await runLower(model, layer, sequences, run, { onlyLookedUp: true }) };
  }
}

export function lookUpsOf(
  { size: { width: d, inner: m } }: Model,
  { key, value }: Lowered,
  rows: readonly Pick<Rows, "first" | "bare">[],
  contexts: number,
): LookUp[] {
  const valueAt = (row: number) => value.slice(row * d, (row + 1) * d);
  return rows.map(({ first, bare }) => ({
    value: valueAt(first),
    meanKey: meanRow(key, m, first, contexts),
    bareKey: key.slice(bare * m, (bare + 1) * m),
    bareValue: valueAt(bare),
  }));
}

export function prompted({ tokenizer }: Model, { template, subject }: Untargeted, context: string): Located {
  return locate(tokenizer, fill(context, template), subject);
}

/** The number of the sequence in the bare context, if that is one of them. */
export function bareOf(contexts: readonly string[], first: number): number | undefined {
  const bare = contexts.indexOf("{}");
  return bare < 0 ? undefined : first + bare;
}

/** A text of which nothing is read behind its lookup position. */
export function upToLookup({ tokens, lookup, ...located }: Located, group: number): Sequence {
  return { ...located, tokens: tokens.slice(0, lookup + 1), lookup, group };
}

function meanRow(matrix: Float32Array, width: number, first: number, count: number): Float32Array {
  const mean = new Float32Array(width);
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += matrix[(first + i) * width + j] as number;
    mean[j] = sum / count;
  }
  return mean;
}
