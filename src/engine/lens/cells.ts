import type { LensCell, LensChange } from "../../protocol/lens.ts";
import type { Tokenizer } from "../checkpoint/tokenizer.ts";
import { logProbabilities, overTokens } from "../model/logits.ts";

/** What to say of a distribution. */
export interface Question {
  /** Tokens that a cell lists. */
  readonly topK: number;
  /** Token whose rank and probability are wanted. */
  readonly word?: number;
}

/** Σ p (log p − log q), in nats. */
export function divergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const log = p[i] as number;
    if (log > Number.NEGATIVE_INFINITY) sum += Math.exp(log) * (log - (q[i] as number));
  }
  return Math.max(0, sum);
}

/**
 * One cell of the lens.
 *
 * @param logits [V]
 * @param final log-probabilities of the model's own output at that token [V]; left out: these are the model's own
 */
export function cellOf(
  logits: Float32Array,
  final: Float64Array | undefined,
  tokenizer: Tokenizer,
  { topK, word }: Question,
): { cell: LensCell; logProbs: Float64Array } {
  const logProbs = logProbabilities(logits);
  let entropy = 0;
  for (const log of logProbs) if (log > Number.NEGATIVE_INFINITY) entropy -= Math.exp(log) * log;
  const known = overTokens(logits, tokenizer);
  const probability = (id: number) => Math.exp(logProbs[id] as number);
  return {
    logProbs,
    cell: {
      top: largest(known, topK).map((id) => ({ token: tokenizer.token(id), probability: probability(id) })),
      entropy,
      klToFinal: final ? divergence(final, logProbs) : 0,
      ...(word !== undefined && { word: { rank: rankOf(known, word), probability: probability(word) } }),
    },
  };
}

/** What changed between two distributions of one cell. */
export function changeOf(before: Float64Array, after: Float64Array, word: number | undefined): LensChange {
  return {
    kl: divergence(after, before),
    ...(word !== undefined && {
      probability: Math.exp(after[word] as number) - Math.exp(before[word] as number),
    }),
  };
}

/** Numbers of the largest values, the largest first; of equals the first. */
function largest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < values.length; id++) {
    const value = values[id] as number;
    if (value === Number.NEGATIVE_INFINITY) continue;
    if (best.length === count && value <= (values[best[count - 1] as number] as number)) continue;
    const place = best.findIndex((other) => (values[other] as number) < value);
    best.splice(place === -1 ? best.length : place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Place of a value among all, from 1. */
function rankOf(values: Float32Array, id: number): number {
  const value = values[id] as number;
  let rank = 1;
  for (const other of values) if (other > value) rank++;
  return rank;
}
