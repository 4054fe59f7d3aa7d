import type { Run } from "../../protocol/run.ts";
import { type Cache, emptyCache, joinCaches, takeRows } from "../model/cache.ts";
import { padLeft } from "../model/generate.ts";
import type { ForwardSpec } from "../model/graphs.ts";
import type { Model } from "../model/model.ts";
import { commonPrefix, type Located } from "./prompt.ts";

/** A text of the solve: one context of one name, or a name's KL row. */
export interface Sequence extends Located {
  /** Sequences of one group begin alike where their prompts do; what they really share is read once. */
  readonly group: number;
}

/** The rows of one request within a batch: its contexts, then its KL row, then its bare prompt. */
export interface Rows {
  readonly first: number;
  readonly kl: number;
  readonly bare: number;
}

/** What the lower layers leave behind: all that the solve needs, and what the key is made of. */
export interface Lowered {
  /** Tokens from the lookup position on, padded to one length n. */
  readonly n: number;
  /** 1 for a token, 0 for padding [rows, n]. */
  readonly present: Uint8Array;
  /** Residual stream after the edit layer [rows · n, d]. */
  readonly stream: Float32Array;
  /** What the block after the edit layer makes of each token by itself, [rows · n, …] each; see `Alone`. */
  readonly alone: Readonly<Record<string, Float32Array>>;
  /** MLP key [rows, m] and value [rows, d] at the lookup position. */
  readonly key: Float32Array;
  readonly value: Float32Array;
  /** Keys and values of attention, of the layers above the edit, of all that comes before the lookup position. */
  readonly past: Cache;
}

/** The sequences of a batch, run up to the edit layer. */
export interface Prepared {
  readonly layer: number;
  /** Contexts of each request. */
  readonly contexts: number;
  readonly sequences: readonly Sequence[];
  readonly lowered: Lowered;
}

/** One session reads all that is only looked up. */
const upTo = (layer: number) => ({ to: layer, stream: true, tap: true });

/**
 * Runs sequences up to and including the edit layer. Attention is causal, so everything before the lookup position
 * never changes during the solve: texts that many sequences begin with run once (their prefix context), the rest of
 * what stands before the lookup position once a sequence.
 *
 * @param onlyLookedUp nothing is to be run above the edit layer afterwards, so its past is left out
 */
export async function runLower(
  model: Model,
  layer: number,
  sequences: readonly Sequence[],
  run: Run,
  { onlyLookedUp = false } = {},
): Promise<Lowered> {
  const spec = onlyLookedUp ? upTo(layer) : { to: model.size.layers - 1 };
  const groups = Math.max(...sequences.map(({ group }) => group)) + 1;
  const prefixes = Array.from({ length: groups }, (_, group) => {
    const members = sequences.filter((sequence) => sequence.group === group);
    const first = members[0]?.tokens ?? [];
    const length = Math.min(...members.map(({ tokens, shared }) => Math.min(shared, commonPrefix(first, tokens))));
    return first.slice(0, length);
  });
  let past: Cache | undefined;
  const prefixLength = Math.max(...prefixes.map(({ length }) => length));
  if (prefixLength > 0) {
    past = takeRows(
      await readPrefixes(model, spec, padLeft(prefixes, prefixLength), run),
      sequences.map(({ group }) => group),
    );
  }

  const leads = sequences.map(({ tokens, lookup, group }) => tokens.slice(prefixes[group]?.length ?? 0, lookup));
  const leadLength = Math.max(...leads.map(({ length }) => length));
  if (leadLength > 0) {
    const { present } = await model.forward(spec, { tokens: padLeft(leads, leadLength), past, tapAt: [0] }, run);
    past = past ? joinCaches(model.size, past, present) : present;
  }

  const tails = sequences.map(({ tokens, lookup }) => tokens.slice(lookup));
  const n = Math.max(...tails.map(({ length }) => length));
  const tokens = tails.map((tail) => [...tail, ...Array<number>(n - tail.length).fill(-1)]);
  const tapAt = sequences.map((_, row) => row * n);
  // δ moves the stream at the lookup position alone: of the other tokens, the next block makes the same in every step.
  const alone = !onlyLookedUp && model.architecture.alone !== undefined && layer < model.size.layers - 1;
  const lower = await model.forward({ ...upTo(layer), alone }, { tokens, past, tapAt }, run);
  return {
    n,
    present: lower.present.valid,
    stream: lower.stream,
    alone: lower.alone,
    key: lower.key,
    value: lower.value,
    past: above(layer, past ?? emptyCache(sequences.length, model.layers)),
  };
}

/** What each model read last: one batch of names after another begins with the same prefix contexts. */
const lastRead = new WeakMap<Model, { readonly prefixes: string; readonly present: Cache }>();

async function readPrefixes(model: Model, spec: ForwardSpec, tokens: number[][], run: Run): Promise<Cache> {
  const prefixes = JSON.stringify([spec, tokens]);
  const known = lastRead.get(model);
  if (known?.prefixes === prefixes) return known.present;
  const { present } = await model.forward(spec, { tokens, tapAt: [0] }, run);
  lastRead.set(model, { prefixes, present });
  return present;
}

/** The part of a cache that the layers after `layer` use. */
function above(layer: number, cache: Cache): Cache {
  const keep = (arrays: ReadonlyMap<number, Float32Array>) => new Map([...arrays].filter(([at]) => at > layer));
  return { ...cache, keys: keep(cache.keys), values: keep(cache.values) };
}
